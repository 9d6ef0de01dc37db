#pragma once

#include <lua.hpp>

#include <string>
#include <string_view>

namespace saker::lua {

/// A path for `require` as [scripts] has it, ready for `state_options`:
/// relative entries start at `dir`, an empty one (`;;`) is Lua's own default
/// without the entries that start at the working directory.
std::string text_path(std::string_view path, std::string_view dir);

/// The same for compiled modules.
std::string compiled_path(std::string_view path, std::string_view dir);

/// Opens `package`, pushes it, and makes `require` and `module` global. Only
/// files that `state_options::trusted` accepts are loaded. [-0, +1]
void push_package_library(lua_State* L);

} // namespace saker::lua
