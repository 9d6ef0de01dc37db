#pragma once

#include <lua.hpp>

#include <string>

namespace saker::lua {

/// The error value on top of the stack as text; a table's field `err` counts.
/// Calls no metamethods. For the host, without a ceiling. [-0, +0]
std::string error_text(lua_State* L);

/// The same of what could not be loaded. Of a text that stands where none can, no
/// more than that: it may be a password, and errors are logged. [-0, +0]
std::string syntax_error_text(lua_State* L);

/// Where the thread stands: one line per function, innermost first, without a
/// heading. Works for threads that have ended with an error. [-0, +0]
std::string traceback(lua_State* thread);

/// `main.lua:3: ` for the line at which the innermost Lua function of the thread
/// stands; empty if there is none. luaL_where looks at one level only. [-0, +0]
std::string place_of(lua_State* thread);

/// The line of the innermost Lua function from `level` on; 0 if there is none.
/// [-0, +0]
int line_at(lua_State* thread, int level);

/// Raises an error with that place before its text.
[[noreturn]] void raise_text(lua_State* L, const std::string& text);

} // namespace saker::lua
