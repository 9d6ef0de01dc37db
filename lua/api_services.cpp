#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/guarded.hpp"

#include <array>

namespace saker::lua {

namespace {

// Address of the registry key: the metatable of services.
const char service_type = 0;

/// A method of a service and the command behind it.
struct method {
  const char* name;
  const char* command;
  const char* argument; ///< before the name: what it is; null: none
  const char* after;    ///< behind the name: what it is; null: none
};

constexpr std::array<method, 14> methods = {{
  {"start", "SVSTART", nullptr, nullptr},
  {"stop", "SVSTOP", nullptr, nullptr},
  {"restart", "SVRESTART", nullptr, nullptr},
  {"tryrestart", "SVTRYRESTART", nullptr, nullptr},
  {"drop", "SVDROP", nullptr, nullptr},
  {"enable", "SVENABLE", nullptr, nullptr},
  {"disable", "SVDISABLE", nullptr, nullptr},
  {"reset", "SVRESET", nullptr, nullptr},
  {"reload", "SVRELOAD", nullptr, nullptr},
  {"pause", "SVPAUSE", nullptr, nullptr},
  {"cont", "SVCONT", nullptr, nullptr},
  {"why", "SVWHY", nullptr, nullptr},
  {"signal", "SVSIGNAL", "the signal", nullptr},
  {"scale", "SVSCALE", nullptr, "the number of instances"},
}};

/// The field of the row at the top as text; empty if it has none.
std::string field(lua_State* L, const char* name) {
  lua_getfield(L, -1, name);
  auto text = lua_isstring(L, -1) ? *text_of(L, -1) : std::string{};
  lua_pop(L, 1);
  return text;
}

// -- what a method answers -----------------------------------------------------------

/// The rows name, code, desc: if one says no, nil and why.
int finish_method(lua_State* L) {
  if (lua_type(L, 1) != LUA_TTABLE)
    return lua_gettop(L);
  std::string why;
  for (int i = 1;; ++i) {
    lua_rawgeti(L, 1, i);
    if (lua_type(L, -1) != LUA_TTABLE)
      break;
    if (auto code = field(L, "code"); !code.empty() && code != "0")
      why += (why.empty() ? "" : "; ") + field(L, "name") + ": "
             + field(L, "desc");
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  return why.empty() ? 1 : refuse(L, why);
}

/// The name of the service at [1], or nothing.
std::optional<std::string> name_of(lua_State* L) {
  if (lua_type(L, 1) != LUA_TTABLE)
    return std::nullopt;
  lua_pushliteral(L, "name");
  lua_rawget(L, 1);
  auto name = text_of(L, -1);
  lua_pop(L, 1);
  return name;
}

/// Upvalue: which one.
int call_method(lua_State* L) {
  auto& how = methods.at(
    static_cast<std::size_t>(lua_tointeger(L, lua_upvalueindex(1))));
  auto function = std::string{"service:"} + how.name;
  auto name = name_of(L);
  if (!name)
    return refuse(L, function.c_str(),
                  "write service:" + std::string{how.name}
                    + "(), with a colon");
  std::vector<std::string> argv{how.command};
  if (how.argument) {
    auto text = text_argument(L, function.c_str(), how.argument, 2);
    if (!text)
      return refuse(L, text.error().detail);
    argv.push_back(std::move(*text));
  }
  argv.push_back(std::move(*name));
  if (how.after) {
    auto number = integer_argument(L, function.c_str(), how.after, 2);
    if (!number)
      return refuse(L, number.error().detail);
    argv.push_back(std::to_string(*number));
  }
  return ask_plainly(L, function.c_str(), std::move(argv),
                     guarded<finish_method>);
}

// -- services --------------------------------------------------------------------------

void push_service_type(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &service_type);
}

/// Gives the table at the top the methods. [-0, +0]
void make_service(lua_State* L) {
  push_service_type(L);
  lua_setmetatable(L, -2);
}

/// [1] the rows of SVSTATUS: each becomes a service of its own.
int finish_services(lua_State* L) {
  if (lua_type(L, 1) != LUA_TTABLE)
    return lua_gettop(L);
  for (int i = 1;; ++i) {
    lua_rawgeti(L, 1, i);
    if (lua_type(L, -1) != LUA_TTABLE)
      break;
    make_service(L);
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

/// The same for those that one name means: fields are those of the first
/// instance, `instances` has all.
int finish_service(lua_State* L) {
  auto results = finish_services(L);
  if (results != 1 || lua_type(L, 1) != LUA_TTABLE)
    return results;
  lua_rawgeti(L, 1, 1);
  if (lua_type(L, -1) != LUA_TTABLE)
    return refuse(L, "saker.service: there is no such service");
  lua_newtable(L); // [1] rows, [2] the first of them, [3] the result
  lua_pushnil(L);
  while (lua_next(L, 2)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 3);
  }
  lua_pushvalue(L, 1);
  lua_setfield(L, 3, "instances");
  // `web` means web:0, web:1 …; `web:1` means itself.
  lua_rawgeti(L, 1, 2);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushvalue(L, 3);
    auto name = field(L, "name");
    lua_pop(L, 1);
    push_text(L, name.substr(0, name.rfind(':')));
    lua_setfield(L, 3, "name");
  }
  lua_settop(L, 3);
  make_service(L);
  return 1;
}

int services(lua_State* L) {
  std::vector<std::string> argv{"SVSTATUS"};
  if (!lua_isnoneornil(L, 1)) {
    auto mask = text_argument(L, "services", "the mask", 1);
    if (!mask)
      return refuse(L, mask.error().detail);
    argv.push_back(std::move(*mask));
  }
  return ask_plainly(L, "services", std::move(argv), guarded<finish_services>);
}

int ask_status(lua_State* L, const char* function, std::string name) {
  return ask_plainly(L, function, {"SVSTATUS", std::move(name)},
                     guarded<finish_service>);
}

int service_handle(lua_State* L) {
  auto name = text_argument(L, "service", "the name", 1);
  if (!name)
    return refuse(L, name.error().detail);
  return ask_status(L, "service", std::move(*name));
}

/// How it stands now, as a new table.
int service_status(lua_State* L) {
  auto name = name_of(L);
  if (!name)
    return refuse(L, "service:status", "write service:status(), with a colon");
  return ask_status(L, "service:status", std::move(*name));
}

void make_service_type(lua_State* L) {
  lua_newtable(L);
  lua_newtable(L);
  for (std::size_t i = 0; i < methods.size(); ++i) {
    lua_pushinteger(L, static_cast<lua_Integer>(i));
    lua_pushcclosure(L, guarded<call_method>, 1);
    lua_setfield(L, -2, methods[i].name);
  }
  lua_pushcfunction(L, guarded<service_status>);
  lua_setfield(L, -2, "status");
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &service_type);
}

} // namespace

void add_service_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"service", guarded<service_handle>},
    {"services", guarded<services>},
    {nullptr, nullptr},
  };
  make_service_type(L);
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
