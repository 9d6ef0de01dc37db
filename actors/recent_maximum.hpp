#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace saker {

/// The largest value of the last seconds, as INFO clients tells it.
class recent_maximum {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::int64_t seconds = 8; // as in Redis

  void note(std::size_t value, time_point at) noexcept {
    auto now = second_of(at);
    auto& x = slots_[static_cast<std::size_t>(now % seconds)];
    if (x.second != now)
      x = {now, 0};
    x.value = std::max(x.value, static_cast<std::int64_t>(value));
  }

  std::int64_t get(time_point at) const noexcept {
    auto now = second_of(at);
    std::int64_t most = 0;
    for (auto& x : slots_)
      if (x.second > now - seconds)
        most = std::max(most, x.value);
    return most;
  }

private:
  struct slot {
    std::int64_t second = -seconds;
    std::int64_t value = 0;
  };

  static std::int64_t second_of(time_point at) noexcept {
    return std::chrono::duration_cast<std::chrono::seconds>(
             at.time_since_epoch())
      .count();
  }

  std::array<slot, seconds> slots_;
};

} // namespace saker
