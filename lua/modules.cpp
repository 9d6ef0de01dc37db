#include "lua/modules.hpp"

#include "base/text.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"
#include "lua/traceback.hpp"

#include <filesystem>

namespace saker::lua {

namespace {

// Of looking for a file, and of linking one.
constexpr std::uint64_t instructions_per_search = 2'000;
constexpr std::uint64_t instructions_per_byte = 8;

std::string
completed(std::string_view path, std::string_view dir, const char* usual) {
  std::string out;
  auto add = [&](std::string entry) {
    out += (out.empty() ? "" : ";") + entry;
  };
  auto defaults = path.find(";;") != path.npos;
  for (auto x : split(path, ';')) {
    if (x.empty() && std::exchange(defaults, false)) {
      for (auto y : split(usual, ';'))
        if (!y.starts_with('.'))
          add(std::string{y});
    } else if (x.starts_with('/')) {
      add(std::string{x});
    } else if (!x.empty()) {
      add(std::string{dir} + '/' + std::string{x});
    }
  }
  return out;
}

// -- searchers -------------------------------------------------------------------
// Upvalues: 1 package, 2 package.searchpath, 3 the searcher of the library.

/// Pushes the file of module `name` in package[`path`], or why there is none.
/// [-0, +1]
bool push_file(lua_State* L, std::string_view name, const char* path) {
  charge(L, instructions_per_search);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushlstring(L, name.data(), name.size());
  lua_getfield(L, lua_upvalueindex(1), path);
  if (!lua_isstring(L, -1))
    luaL_error(L, "package.%s must be a string", path);
  lua_call(L, 2, 2);
  if (lua_isnil(L, -2)) {
    lua_remove(L, -2);
    return false;
  }
  lua_pop(L, 1);
  return true;
}

/// Raises an error if others may change the file on top. [-0, +0]
void check_trusted(lua_State* L) {
  auto& trusted = control_of(L).options.trusted;
  if (!trusted)
    return;
  if (auto ok = trusted(lua_tostring(L, -1)); !ok)
    raise_text(L, "require '" + std::string{lua_tostring(L, 1)}
                    + "': " + ok.error().detail);
}

/// A module in Lua: text only, as for `load`.
int search_text(lua_State* L) {
  std::size_t size;
  auto name = luaL_checklstring(L, 1, &size);
  if (!push_file(L, {name, size}, "path"))
    return 1;
  check_trusted(L);
  auto file = lua_tostring(L, -1);
  std::error_code ignored;
  auto length = std::filesystem::file_size(file, ignored);
  auto most = control_of(L).options.source_size;
  if (!ignored && length > most)
    raise_text(L, "require '" + std::string{name} + "': " + file
                    + " is larger than " + std::to_string(most) + " bytes");
  charge(L, ignored ? 0 : length * instructions_per_byte);
  if (luaL_loadfilex(L, file, "t") != LUA_OK)
    raise_text(L, "error loading module '" + std::string{name} + "' from file '"
                    + file + "':\n\t" + syntax_error_text(L));
  lua_insert(L, -2);
  return 2;
}

int search_compiled(lua_State* L, std::string_view name) {
  if (!push_file(L, name, "cpath"))
    return 1;
  check_trusted(L);
  lua_settop(L, 1);
  return lua_tocfunction(L, lua_upvalueindex(3))(L);
}

int search_compiled(lua_State* L) {
  std::size_t size;
  auto name = luaL_checklstring(L, 1, &size);
  return search_compiled(L, {name, size});
}

/// `a.b` may be in the file of `a`.
int search_compiled_root(lua_State* L) {
  std::size_t size;
  auto data = luaL_checklstring(L, 1, &size);
  std::string_view name{data, size};
  auto dot = name.find('.');
  return dot == name.npos ? 0 : search_compiled(L, name.substr(0, dot));
}

/// Puts ours around those of the library in `package` on top. [-0, +0]
void replace_searchers(lua_State* L) {
  // They use the upvalue of the library, so ours have it in the first place.
  static constexpr lua_CFunction ours[] = {guarded<search_text>,
                                           guarded<search_compiled>,
                                           guarded<search_compiled_root>};
  lua_getfield(L, -1, "searchers");
  for (int i = 0; i < 3; ++i) {
    lua_pushvalue(L, -2);
    lua_getfield(L, -1, "searchpath");
    lua_rawgeti(L, -3, i + 2);
    lua_pushcclosure(L, ours[i], 3);
    lua_rawseti(L, -2, i + 2);
  }
  lua_pop(L, 1);
}

// -- require ---------------------------------------------------------------------

/// Pushes the loader of the module at [1] and its second argument. [-0, +2]
void find_loader(lua_State* L) {
  lua_getfield(L, lua_upvalueindex(1), "searchers");
  if (!lua_istable(L, -1))
    luaL_error(L, "package.searchers must be a table");
  auto searchers = lua_gettop(L);
  std::string looked_at;
  for (int i = 1;; ++i) {
    lua_rawgeti(L, searchers, i);
    if (lua_isnil(L, -1))
      luaL_error(L, "module '%s' not found:%s", lua_tostring(L, 1),
                 looked_at.c_str());
    lua_pushvalue(L, 1);
    lua_call(L, 1, 2);
    if (lua_isfunction(L, -2))
      return;
    if (lua_isstring(L, -2))
      looked_at += lua_tostring(L, -2);
    lua_pop(L, 2);
  }
}

/// As in the library, which could not say where it was called from behind a
/// barrier. Upvalue: package.
int require(lua_State* L) {
  constexpr int loaded = 2;
  barrier here{L};
  auto name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  lua_getfield(L, loaded, name);
  if (lua_toboolean(L, -1))
    return 1;
  find_loader(L);
  lua_pushvalue(L, 1);
  lua_insert(L, -2); // [loader, name, its second argument]
  lua_call(L, 2, 1);
  if (!lua_isnil(L, -1))
    lua_setfield(L, loaded, name);
  lua_getfield(L, loaded, name);
  if (lua_isnil(L, -1)) {
    lua_pushboolean(L, true);
    lua_pushvalue(L, -1);
    lua_setfield(L, loaded, name);
  }
  return 1;
}

void set_string(lua_State* L, const char* field, const std::string& value) {
  lua_pushlstring(L, value.data(), value.size());
  lua_setfield(L, -2, field);
}

} // namespace

std::string text_path(std::string_view path, std::string_view dir) {
  return completed(path, dir, LUA_PATH_DEFAULT);
}

std::string compiled_path(std::string_view path, std::string_view dir) {
  return completed(path, dir, LUA_CPATH_DEFAULT);
}

void push_package_library(lua_State* L) {
  // Keeps LUA_PATH of the environment out.
  lua_pushboolean(L, true);
  lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  lua_pushcfunction(L, luaopen_package);
  lua_call(L, 0, 1);
  auto& options = control_of(L).options;
  set_string(L, "path", options.path);
  set_string(L, "cpath", options.cpath);
  lua_pushnil(L);
  lua_setfield(L, -2, "loadlib");
  replace_searchers(L);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, guarded<require>, 1);
  lua_setglobal(L, "require");
  lua_getglobal(L, "module");
  push_called_behind_barrier(L);
  lua_setglobal(L, "module");
}

} // namespace saker::lua
