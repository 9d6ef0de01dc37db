#pragma once

#include "resp/value.hpp"

#include <cstdint>

namespace saker {

/// The reply of MEMORY STATS: what the node takes itself, in the words of
/// Redis. `unsent`: bytes that wait for all clients together.
resp::value memory_stats(std::int64_t unsent);

} // namespace saker
