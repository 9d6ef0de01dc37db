#pragma once

#include "base/result.hpp"
#include "lua/callback.hpp"

#include <lua.hpp>

#include <string>

namespace saker::lua {

/// Registers what handles of timers and subscriptions can do: `:close()`.
/// Once per state. [-0, +0]
void make_handle_type(lua_State* L);

/// Pushes a handle, or nil and why there is none. [-0, +1 or 2]
int push_handle(lua_State* L, const result<callback_id>& which);

/// `a.lua:3`: where the running Lua function stands.
std::string here(lua_State* L);

} // namespace saker::lua
