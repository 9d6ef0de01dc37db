#pragma once

#include "resp/command_table.hpp"
#include "resp/writer.hpp"
#include "session/alias_table.hpp"

#include <span>
#include <string_view>

namespace saker::session {

// What COMMAND answers. Each appends one whole reply. `scripts` are the
// commands of scripts; may be null.

/// `COMMAND COUNT`, without subcommands.
void append_command_count(resp::writer out, const alias_table* scripts);

/// `COMMAND INFO name…`; without names all, and null for what is unknown.
void append_command_info(resp::writer out,
                         std::span<const std::string_view> names,
                         const alias_table* scripts);

/// `COMMAND DOCS name…`; without names all. Unknown names are left out.
void append_command_docs(resp::writer out,
                         std::span<const std::string_view> names,
                         const alias_table* scripts);

/// `COMMAND LIST [FILTERBY MODULE m|ACLCAT c|PATTERN p]`; the words after
/// LIST. With subcommands, as in Redis.
void append_command_list(resp::writer out,
                         std::span<const std::string_view> filter,
                         const alias_table* scripts);

/// `COMMAND GETKEYS name …`, or GETKEYSANDFLAGS: the words of that command that
/// are keys, mostly an error as hardly any command here has some.
void append_command_keys(resp::writer out,
                         std::span<const std::string_view> command,
                         const alias_table* scripts, bool with_flags);

} // namespace saker::session
