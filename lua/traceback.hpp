#pragma once

#include <lua.hpp>

#include <string>

namespace saker::lua {

/// The error value on top of the stack as text; a table's field `err` counts.
/// Calls no metamethods. For the host, without a ceiling. [-0, +0]
std::string error_text(lua_State* L);

/// Where the thread stands: one line per function, innermost first, without a
/// heading. Works for threads that have ended with an error. [-0, +0]
std::string traceback(lua_State* thread);

} // namespace saker::lua
