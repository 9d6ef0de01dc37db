#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace saker::io {

/// How long the other side may say nothing, and how long it has.
///
/// Bytes behind a lost segment cannot be read until it has come again, which on
/// a slow link takes longer than a short limit. So halfway to its end the
/// segments that the kernel got are counted: if there are more at the end, then
/// the other side has spoken in between, even if nothing could be read.
class silence {
public:
  using clock = std::chrono::steady_clock;

  silence(clock::duration limit, clock::time_point now)
    : limit_(limit), since_(now) {
    // nop
  }

  void heard(clock::time_point now) noexcept {
    since_ = now;
    halfway_.reset();
  }

  /// When to look again.
  clock::time_point next() const noexcept {
    return halfway_ ? halfway_->end : since_ + limit_ / 2;
  }

  /// Looks: `segments` with data have come since the link began, as the kernel
  /// counts. Returns whether it has been silent for too long; never later than
  /// the limit after the last segment, if asked whenever `next` says.
  bool too_long(clock::time_point now, std::uint64_t segments) noexcept {
    if (now < next())
      return false;
    if (!halfway_) {
      count(now, segments);
      return false;
    }
    if (segments == halfway_->segments)
      return true;
    since_ = halfway_->at;
    count(now, segments);
    return false;
  }

  clock::duration length(clock::time_point now) const noexcept {
    return now - since_;
  }

private:
  struct sample {
    clock::time_point at;
    clock::time_point end;
    std::uint64_t segments;
  };

  /// Who looks late, because this process had no time, waits for the second
  /// half nevertheless: what came meanwhile is still to be read.
  void count(clock::time_point now, std::uint64_t segments) noexcept {
    halfway_ = sample{now, now + (limit_ - limit_ / 2), segments};
  }

  clock::duration limit_;
  clock::time_point since_;
  std::optional<sample> halfway_;
};

} // namespace saker::io
