#pragma once

#include <lua.hpp>

namespace saker::lua {

/// pcall and xpcall that cannot catch the end of a run, as globals of the
/// table on top of the stack. [-0, +0]
void add_protected_calls(lua_State* L);

/// Pushes the coroutine library: the standard one, except that a yield of the
/// host (a pause, a request) passes through a script's own coroutines to the
/// host and back. [-0, +1]
void push_coroutine_library(lua_State* L);

/// Makes a coroutine that scripts can neither resume nor see as suspended:
/// the outermost thread of a task. Call once per thread. [-0, +0]
void reserve_for_host(lua_State* L, lua_State* thread);

} // namespace saker::lua
