#pragma once

#include "resp/command_table.hpp"
#include "resp/writer.hpp"
#include "session/alias_table.hpp"

#include <span>
#include <string_view>

namespace saker::session {

/// `HELP`: one line per command, by group. `HELP name [subcommand]`: how to
/// type it and what it does.
void append_help(resp::writer out, std::span<const std::string_view> names,
                 const alias_table* scripts);

/// `CLIENT HELP` and the like.
void append_subcommand_help(resp::writer out,
                            const resp::command_info& container);

} // namespace saker::session
