#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/guarded.hpp"
#include "process/account.hpp"
#include "process/sysinfo.hpp"

#include <unistd.h>

namespace saker::lua {

namespace {

/// The family of the system, as the functions of files know it.
int uname(lua_State* L) {
  push_text(L, "UNIX");
  return 1;
}

int osname(lua_State* L) {
  push_text(L, "LINUX");
  return 1;
}

/// Of Saker, or of a user; asking the name services may take long.
int getuid(lua_State* L) {
  if (lua_isnoneornil(L, 1)) {
    lua_pushnumber(L, static_cast<lua_Number>(::geteuid()));
    return 1;
  }
  auto user = text_argument(L, "getuid", "the user", 1);
  if (!user)
    return refuse(L, user.error().detail);
  if (user->empty() || user->find('\0') != std::string::npos)
    return refuse(L, "getuid", "the user must be a name");
  return ask_work(L, "getuid",
                  {[user = std::move(*user)](
                     const std::atomic<bool>&) -> result<chore_result> {
                    auto uid = process::find_uid(user);
                    if (!uid)
                      return uid.error();
                    return chore_result{*uid};
                  }});
}

resp::value to_value(process::sysinfo_value x) {
  return std::visit([](auto& y) { return resp::value{std::move(y)}; }, x);
}

int sysinfo(lua_State* L) {
  // `saker.sysinfo(key, unit)` of a script that has no unit.
  while (lua_gettop(L) > 1 && lua_isnil(L, -1))
    lua_pop(L, 1);
  auto key = text_argument(L, "sysinfo", "the key", 1);
  if (!key)
    return refuse(L, key.error().detail);
  auto arguments = text_arguments(L, "sysinfo", "every argument", 2);
  if (!arguments)
    return refuse(L, arguments.error().detail);
  return ask_work(L, "sysinfo",
                  {[key = std::move(*key), arguments = std::move(*arguments)](
                     const std::atomic<bool>&) -> result<chore_result> {
                    auto value = process::sysinfo(key, arguments);
                    if (!value)
                      return value.error();
                    return chore_result{to_value(std::move(*value))};
                  }});
}

/// Here, so that a script that uses it is told so instead of failing.
int metric(lua_State* L) {
  auto name = text_argument(L, "metric", "the name", 1);
  if (!name)
    return refuse(L, name.error().detail);
  if (!lua_isnoneornil(L, 2) && lua_type(L, 2) != LUA_TNUMBER)
    return refuse(L, wrong(L, "metric", "the value", "a number", 2).detail);
  return refuse(L, "metric",
                "not available yet: Saker has no page of figures so far; "
                "saker.publish or saker.event tell \""
                  + printable(*name, 80) + "\" to those who listen");
}

} // namespace

void add_system_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"getuid", guarded<getuid>}, {"metric", guarded<metric>},
    {"osname", guarded<osname>}, {"sysinfo", guarded<sysinfo>},
    {"uname", guarded<uname>},   {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
