#pragma once

#include "resp/value.hpp"

struct lua_State;

namespace saker::lua {

/// Pushes a value as Lua code likes it best: maps are tables with their keys,
/// arrays and sets are arrays, booleans are booleans. At the top null is nil
/// and an error is nil and its text; inside a map a null is absent, inside an
/// array it is false. [-0, +the number returned]
int push_plain(lua_State* L, const resp::value& x);

} // namespace saker::lua
