#pragma once

#include <chrono>
#include <ctime>

namespace saker::process {

/// Since whatever that clock counts from.
inline std::chrono::nanoseconds read_clock(clockid_t which) noexcept {
  timespec x{};
  ::clock_gettime(which, &x);
  return std::chrono::seconds{x.tv_sec} + std::chrono::nanoseconds{x.tv_nsec};
}

} // namespace saker::process
