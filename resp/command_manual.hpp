#pragma once

#include <span>
#include <string>
#include <string_view>

namespace saker::resp {

/// How a command is used: a line that can be typed as it stands.
struct command_example {
  std::string_view command; ///< lower case
  std::string_view line;
};

/// All of them, in the order of the commands.
std::span<const command_example> command_examples() noexcept;

/// docs/commands.md: every command with its usage, right and meaning, and the
/// examples. A test compares the file, and runs the examples.
std::string command_manual();

} // namespace saker::resp
