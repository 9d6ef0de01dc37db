#pragma once

#include <chrono>
#include <optional>

namespace saker {

/// For what may happen thousands of times in a second and people are told of in
/// the log: at most so often.
class warning_pace {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit warning_pace(std::chrono::nanoseconds pause
                        = std::chrono::seconds{10})
    : pause_(pause) {
    // nop
  }

  /// True if it is to be told now; then not again until the pause is over.
  bool is_due(time_point now) {
    if (last_ && now - *last_ < pause_)
      return false;
    last_ = now;
    return true;
  }

private:
  std::chrono::nanoseconds pause_;
  std::optional<time_point> last_;
};

} // namespace saker
