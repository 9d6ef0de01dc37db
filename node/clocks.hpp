#pragma once

#include <chrono>
#include <ctime>

/// The clocks of the machine, read once per call.
namespace saker::node {

inline std::chrono::nanoseconds read_clock(clockid_t which) noexcept {
  timespec x{};
  ::clock_gettime(which, &x);
  return std::chrono::seconds{x.tv_sec} + std::chrono::nanoseconds{x.tv_nsec};
}

inline std::int64_t milliseconds(clockid_t which) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           read_clock(which))
    .count();
}

/// The wall clock, which may be set.
inline std::int64_t unix_ms() noexcept {
  return milliseconds(CLOCK_REALTIME);
}

/// Counts sleep too, and is never set.
inline std::uint64_t since_boot_ms() noexcept {
  return static_cast<std::uint64_t>(milliseconds(CLOCK_BOOTTIME));
}

} // namespace saker::node
