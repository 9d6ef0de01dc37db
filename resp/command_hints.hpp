#pragma once

#include <string_view>

namespace saker::resp {

/// What Redis 7 tells of a command in COMMAND INFO and Saker has no use for
/// itself; proxies and clients of clusters have.
struct command_hints {
  std::string_view name;
  std::string_view flags; ///< beside those of the table: `readonly allow_busy`
  std::string_view tips;  ///< `nondeterministic_output`
};

/// Of a command or subcommand that Redis has too; else without any.
command_hints hints_of(std::string_view name) noexcept;

} // namespace saker::resp
