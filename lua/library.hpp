#pragma once

#include <lua.hpp>

#include <string>

namespace saker::lua {

/// Fills the globals of a new state with what its profile offers. [-0, +0]
void open_libraries(lua_State* L);

/// The values from `first` to the top as a line for the log: as many as fit.
/// Calls metamethods. [-0, +0]
std::string joined(lua_State* L, int first, char separator);

/// Pushes the string library, patterns and limits being our own. [-0, +1]
void push_string_library(lua_State* L);

} // namespace saker::lua
