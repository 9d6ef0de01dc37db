#pragma once

#include "base/result.hpp"

#include <lua.hpp>

#include <string>

namespace saker::lua {

/// The value at `i` as JSON. An array is a table with the keys 1 to n, an
/// empty one if json.array made it; every other table is an object, its keys
/// sorted. Reads without metamethods. Fails: errc::invalid_argument for other
/// types, mixed keys, NaN and infinity, cycles, more than 64 levels or the
/// memory of the script. [-0, +0]
result<std::string> to_json(lua_State* L, int i);

/// Pushes the module `json`: encode, decode, array, null. [-0, +1]
void push_json_library(lua_State* L);

} // namespace saker::lua
