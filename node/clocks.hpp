#pragma once

#include "supervision/schedule.hpp"

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

/// The wall clock as schedules need it: in the time zone of this process.
inline supervision::wall_clock real_wall_clock() {
  supervision::wall_clock x;
  x.shown_at = [](supervision::time_point at) {
    using std::chrono::milliseconds;
    auto ahead = at - std::chrono::steady_clock::now();
    return std::chrono::sys_time<milliseconds>{
      milliseconds{unix_ms()}
      + std::chrono::duration_cast<milliseconds>(ahead)};
  };
  x.zone = [](cron::time_point at) {
    ::tzset(); // /etc/localtime may have changed
    return local_offset(at);
  };
  return x;
}

} // namespace saker::node
