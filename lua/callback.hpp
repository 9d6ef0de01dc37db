#pragma once

#include "base/cron.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace saker::lua {

/// Names a timer or subscription; unique for the life of its script, never 0.
using callback_id = std::uint64_t;

/// When a function of a script runs by itself.
struct timer_spec {
  std::chrono::nanoseconds wait{0};  ///< from now to the first run
  std::chrono::nanoseconds every{0}; ///< after each end; 0: only once
  std::optional<cron> schedule;      ///< instead of both
};

} // namespace saker::lua
