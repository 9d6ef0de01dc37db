#pragma once

#include "link/end.hpp"

#include <ctime>

namespace saker::keeper {

inline link::stamp read_clock(clockid_t which) noexcept {
  timespec x{};
  ::clock_gettime(which, &x);
  return std::chrono::seconds{x.tv_sec} + std::chrono::nanoseconds{x.tv_nsec};
}

/// For what is told and stored: means the same to node and later keepers.
inline link::stamp boot_now() noexcept {
  return read_clock(CLOCK_BOOTTIME);
}

/// For deadlines: does not run while the machine sleeps.
inline link::stamp steady_now() noexcept {
  return read_clock(CLOCK_MONOTONIC);
}

} // namespace saker::keeper
