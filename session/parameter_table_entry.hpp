#pragma once

#include "session/parameter_table.hpp"

#include <cstdint>
#include <limits>

/// The parts of the table of parameters; parameter_table.cpp joins them.
namespace saker::session::tables {

using kind = parameter_info::kind;

inline constexpr auto most = std::numeric_limits<std::int64_t>::max();
inline constexpr auto int_most = std::numeric_limits<int>::max();
inline constexpr auto int_least = std::numeric_limits<int>::min();

} // namespace saker::session::tables
