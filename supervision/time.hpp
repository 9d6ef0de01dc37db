#pragma once

#include <chrono>

namespace saker::supervision {

/// Time is always an argument here: nothing in this layer reads a clock.
using time_point = std::chrono::steady_clock::time_point;

/// How long.
using duration = std::chrono::nanoseconds;

} // namespace saker::supervision
