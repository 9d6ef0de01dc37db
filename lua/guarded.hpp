#pragma once

#include <lua.hpp>

#include <exception>

namespace saker::lua {

/// Turns a C++ function into one that Lua may call: what the standard library
/// throws becomes a Lua error with position and text, so that nothing foreign
/// unwinds through the interpreter. Lua's own errors pass: they are exceptions
/// too, but no std::exception.
template <int (*F)(lua_State*)>
int guarded(lua_State* L) {
  try {
    return F(L);
  } catch (const std::exception& e) {
    luaL_where(L, 1);
    lua_pushstring(L, e.what());
  }
  lua_concat(L, 2);
  return lua_error(L);
}

} // namespace saker::lua
