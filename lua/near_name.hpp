#pragma once

#include <lua.hpp>

#include <string>
#include <string_view>

namespace saker::lua {

/// ` (did you mean "register"?)` if `error` tells of a name that is nil and is
/// close to one that there is: a global, or a field of a global table. Calls no
/// metamethods and allocates nothing in Lua. [-0, +0]
std::string near_name(lua_State* L, std::string_view error);

} // namespace saker::lua
