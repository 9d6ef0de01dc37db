#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace saker {

/// Tells those who must not wait for a WRITER whether it hangs. Nobody looks
/// while it has nothing to do: it rings when it begins again.
class writer_pulse {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `ring` is called on the thread of the WRITER.
  explicit writer_pulse(std::function<void()> ring) : ring_(std::move(ring)) {
    // nop
  }

  // -- the WRITER

  /// A file system is asked for something. False if that is known already.
  bool begin(time_point now) {
    if (busy_since_ != 0)
      return false;
    // In this order, as `rest` does it the other way round: one of both sees
    // what the other one did.
    busy_since_ = now.time_since_epoch().count();
    if (!observed_.exchange(true))
      ring_();
    return true;
  }

  /// It has answered.
  void end() noexcept {
    busy_since_ = 0;
  }

  // -- those who look

  std::optional<time_point> busy_since() const noexcept {
    auto since = busy_since_.load();
    if (since == 0)
      return std::nullopt;
    return time_point{time_point::duration{since}};
  }

  /// From now on nobody looks until it rings. False if it is at work again.
  bool rest() noexcept {
    observed_ = false;
    return busy_since_ == 0 || observed_.exchange(true);
  }

private:
  std::function<void()> ring_;
  std::atomic<std::int64_t> busy_since_{0};
  std::atomic<bool> observed_{false};
};

/// Shows until the end of the scope that a file system is asked.
class writer_effort {
public:
  writer_effort(writer_pulse& pulse, writer_pulse::time_point now)
    : pulse_(pulse), outermost_(pulse.begin(now)) {
    // nop
  }

  writer_effort(const writer_effort&) = delete;
  writer_effort& operator=(const writer_effort&) = delete;

  ~writer_effort() {
    if (outermost_)
      pulse_.end();
  }

private:
  writer_pulse& pulse_;
  bool outermost_;
};

} // namespace saker
