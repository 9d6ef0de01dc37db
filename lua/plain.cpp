#include "lua/plain.hpp"

#include <lua.hpp>

namespace saker::lua {

namespace {

void push_inner(lua_State* L, const resp::value& x);

void push_items(lua_State* L, std::span<const resp::value> items) {
  lua_createtable(L, static_cast<int>(items.size()), 0);
  int i = 0;
  for (auto& x : items) {
    push_inner(L, x);
    lua_rawseti(L, -2, ++i);
  }
}

void push_fields(lua_State* L, const resp::map& x) {
  lua_createtable(L, 0, static_cast<int>(x.entries.size()));
  for (auto& [key, item] : x.entries) {
    if (item.is_null() || key.is_null())
      continue;
    push_inner(L, key);
    push_inner(L, item);
    lua_rawset(L, -3);
  }
}

void push_inner(lua_State* L, const resp::value& x) {
  luaL_checkstack(L, 6, "the answer is nested too deep");
  if (auto b = x.get_if<bool>()) {
    lua_pushboolean(L, *b);
  } else if (auto i = x.get_if<std::int64_t>()) {
    lua_pushnumber(L, static_cast<lua_Number>(*i));
  } else if (auto d = x.get_if<double>()) {
    lua_pushnumber(L, *d);
  } else if (auto m = x.get_if<resp::map>()) {
    push_fields(L, *m);
  } else if (x.is<resp::array>() || x.is<resp::set>() || x.is<resp::push>()) {
    push_items(L, x.items());
  } else if (x.is_null()) {
    lua_pushboolean(L, false);
  } else {
    auto text = x.text();
    lua_pushlstring(L, text.data(), text.size());
  }
}

} // namespace

int push_plain(lua_State* L, const resp::value& x) {
  if (x.is_error() || x.is_null())
    lua_pushnil(L);
  if (x.is_null())
    return 1;
  if (x.is_error()) {
    auto text = x.text();
    lua_pushlstring(L, text.data(), text.size());
    return 2;
  }
  push_inner(L, x);
  return 1;
}

} // namespace saker::lua
