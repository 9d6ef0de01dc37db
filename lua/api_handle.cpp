#include "lua/api_handle.hpp"

#include "lua/api_arguments.hpp"
#include "lua/guarded.hpp"
#include "lua/traceback.hpp"

namespace saker::lua {

namespace {

constexpr const char* type_name = "saker.handle";

/// The handle at [1], or null.
callback_id* handle_of(lua_State* L) {
  return static_cast<callback_id*>(luaL_testudata(L, 1, type_name));
}

int close(lua_State* L) {
  auto which = handle_of(L);
  if (!which)
    return refuse(L, "close: write handle:close(), with a colon");
  if (!client_of(L).close(*which))
    return refuse(L, "close: it has ended already");
  return succeed(L);
}

int describe(lua_State* L) {
  auto which = handle_of(L);
  push_text(L, "saker.handle " + std::to_string(which ? *which : 0));
  return 1;
}

} // namespace

void make_handle_type(lua_State* L) {
  luaL_newmetatable(L, type_name);
  lua_newtable(L);
  lua_pushcfunction(L, guarded<close>);
  lua_setfield(L, -2, "close");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, guarded<describe>);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

int push_handle(lua_State* L, const result<callback_id>& which) {
  if (!which)
    return refuse(L, which.error().detail);
  *static_cast<callback_id*>(lua_newuserdata(L, sizeof(callback_id))) = *which;
  luaL_setmetatable(L, type_name);
  return 1;
}

std::string here(lua_State* L) {
  auto text = place_of(L);
  return text.substr(0, text.rfind(':'));
}

} // namespace saker::lua
