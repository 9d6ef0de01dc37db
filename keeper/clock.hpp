#pragma once

#include "link/end.hpp"
#include "process/clock.hpp"

namespace saker::keeper {

/// For what is told and stored: means the same to node and later keepers.
inline link::stamp boot_now() noexcept {
  return process::read_clock(CLOCK_BOOTTIME);
}

/// For deadlines: does not run while the machine sleeps.
inline link::stamp steady_now() noexcept {
  return process::read_clock(CLOCK_MONOTONIC);
}

} // namespace saker::keeper
