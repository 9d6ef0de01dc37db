#pragma once

#include "base/units.hpp"
#include "process/clock.hpp"
#include "supervision/schedule.hpp"

#include <chrono>
#include <cstdint>

/// The clocks of the machine, read once per call.
namespace saker::node {

/// The wall clock, which may be set.
inline std::int64_t unix_ms() noexcept {
  return in_milliseconds(process::read_clock(CLOCK_REALTIME));
}

/// Counts sleep too, and is never set.
inline std::uint64_t since_boot_ms() noexcept {
  return static_cast<std::uint64_t>(
    in_milliseconds(process::read_clock(CLOCK_BOOTTIME)));
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
