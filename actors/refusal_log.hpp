#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace saker {

/// Says why clients are refused, a line a second at most, with how many lines
/// were left out: whoever is refused all the time must not fill the log. I/O
/// thread only.
class refusal_log {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit refusal_log(std::function<void(const std::string&)> warn)
    : warn_(std::move(warn)) {
    // nop
  }

  void tell(const std::string& text, time_point now) {
    if (now < next_) {
      ++silent_;
      return;
    }
    next_ = now + std::chrono::seconds{1};
    auto more = silent_ == 0 ? std::string{}
                             : " (and " + std::to_string(silent_)
                                 + " more since the last such line)";
    silent_ = 0;
    warn_(text + more);
  }

private:
  std::function<void(const std::string&)> warn_;
  time_point next_{};
  std::uint64_t silent_ = 0;
};

} // namespace saker
