#pragma once

#include "resp/command_table.hpp"

#include <string_view>

namespace saker::resp {

/// What the time of a command grows with, as COMMAND DOCS tells it: `O(1)`, or
/// `O(N), N = channels`.
std::string_view complexity_of(const command_info& x) noexcept;

/// Of commands of scripts: nobody knows.
inline constexpr std::string_view complexity_of_scripts
  = "Depends on the script.";

} // namespace saker::resp
