#pragma once

#include <lua.hpp>

namespace saker::lua {

/// Fills the globals of a new state with what its profile offers. [-0, +0]
void open_libraries(lua_State* L);

/// Pushes the string library, patterns and limits being our own. [-0, +1]
void push_string_library(lua_State* L);

} // namespace saker::lua
