#pragma once

#include <string_view>

namespace saker::lua {

/// The line on which `key = …` stands directly in the first table that begins
/// on `line` or later: Lua keeps no lines of table fields. Where the text is
/// not that simple (the table comes from a variable), `line` itself.
int line_of_key(std::string_view text, int line, std::string_view key);

} // namespace saker::lua
