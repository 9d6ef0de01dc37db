#pragma once

#include "supervision/time.hpp"

#include <array>
#include <cstdint>

namespace saker::supervision {

/// How often something happened in the last hour, in twelve slices of five
/// minutes: constant memory, right to within one slice.
class tally {
public:
  static constexpr std::size_t slices = 12;
  static constexpr auto slice = std::chrono::minutes{5};

  void add(time_point now) noexcept {
    advance(now);
    if (counts_[0] < UINT16_MAX)
      ++counts_[0];
  }

  std::uint32_t count(time_point now) const noexcept {
    auto copy = *this;
    copy.advance(now);
    std::uint32_t result = 0;
    for (auto x : copy.counts_)
      result += x;
    return result;
  }

  /// Newest slice first; `start` is when that one began.
  const std::array<std::uint16_t, slices>& counts() const noexcept {
    return counts_;
  }

  time_point start() const noexcept {
    return start_;
  }

  void restore(time_point start,
               const std::array<std::uint16_t, slices>& counts) noexcept {
    start_ = start;
    counts_ = counts;
  }

  bool operator==(const tally&) const = default;

private:
  void advance(time_point now) noexcept {
    auto steps = now < start_ ? 0 : (now - start_) / slice;
    if (steps == 0)
      return;
    start_ += steps * slice;
    if (steps >= static_cast<std::int64_t>(slices)) {
      counts_.fill(0);
      return;
    }
    for (std::size_t i = slices; i-- > 0;) {
      auto from = static_cast<std::int64_t>(i) - steps;
      counts_[i] = from >= 0 ? counts_[static_cast<std::size_t>(from)]
                             : std::uint16_t{0};
    }
  }

  time_point start_{};
  std::array<std::uint16_t, slices> counts_{};
};

} // namespace saker::supervision
