#include "lua/library.hpp"

#include "lua/budget.hpp"
#include "lua/coroutine.hpp"
#include "lua/guarded.hpp"
#include "lua/json.hpp"
#include "lua/modules.hpp"
#include "lua/traceback.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>

namespace saker::lua {

namespace {

using names = std::initializer_list<const char*>;

/// Copies fields from the table at the top to the one below. [-0, +0]
void copy_fields(lua_State* L, names which) {
  for (auto name : which) {
    lua_getfield(L, -1, name);
    lua_setfield(L, -3, name);
  }
}

/// The same, behind a barrier: they call back into Lua. [-0, +0]
void copy_behind_barrier(lua_State* L, names which) {
  for (auto name : which) {
    lua_getfield(L, -1, name);
    push_behind_barrier(L);
    lua_setfield(L, -3, name);
  }
}

/// Pushes an empty table and one of the standard libraries. [-0, +2]
void push_library(lua_State* L, lua_CFunction open) {
  lua_newtable(L);
  lua_pushcfunction(L, open);
  lua_call(L, 0, 1);
}

// -- base ----------------------------------------------------------------------

/// The message of a function of ours says where it was called already; tables
/// such as {err="MINE no"} are messages too.
int assert_true(lua_State* L) {
  luaL_checkany(L, 1);
  if (lua_toboolean(L, 1))
    return lua_gettop(L);
  if (lua_isnoneornil(L, 2))
    return luaL_error(L, "assertion failed!");
  lua_settop(L, 2);
  if (!lua_isstring(L, 2))
    return lua_error(L);
  auto where = place_of(L);
  std::size_t size;
  auto text = lua_tolstring(L, 2, &size);
  if (std::string_view{text, size}.starts_with(where))
    return lua_error(L);
  lua_pushlstring(L, where.data(), where.size());
  lua_insert(L, 2);
  lua_concat(L, 2);
  return lua_error(L);
}

/// Finalizers run with hooks off: an endless one would hang the thread.
int set_metatable(lua_State* L) {
  auto type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
                "nil or table expected");
  if (luaL_getmetafield(L, 1, "__metatable"))
    return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    lua_rawget(L, 2);
    luaL_argcheck(L, lua_isnil(L, -1), 2, "`__gc` is not available to scripts");
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

/// A full collection of a large state takes long; a step does not.
int collect_garbage(lua_State* L) {
  static constexpr const char* options[] = {"collect", "step", "count",
                                            nullptr};
  constexpr std::uint64_t cost_of_step = 1000;
  if (luaL_checkoption(L, 1, "collect", options) == 2) {
    auto bytes = static_cast<lua_Number>(control_of(L).used);
    lua_pushnumber(L, bytes / 1024);
    lua_pushnumber(L, std::fmod(bytes, 1024));
    return 2;
  }
  charge(L, cost_of_step);
  lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, 0));
  return 1;
}

} // namespace

std::string joined(lua_State* L, int first, char separator) {
  constexpr std::size_t longest = 8 * 1024;
  constexpr std::uint64_t instructions_per_line = 200;
  constexpr std::uint64_t instructions_per_value = 20;
  std::string line;
  barrier here{L};
  auto n = lua_gettop(L);
  charge(L, instructions_per_line);
  for (int i = first; i <= n && line.size() < longest; ++i) {
    charge(L, instructions_per_value);
    std::size_t size;
    auto data = luaL_tolstring(L, i, &size);
    if (i > first)
      line += separator;
    line.append(data, std::min(size, longest));
    lua_pop(L, 1);
  }
  if (line.size() > longest) {
    line.resize(longest);
    line += "…";
  }
  return line;
}

namespace {

int print(lua_State* L) {
  auto& out = control_of(L).options.print;
  auto line = joined(L, 1, '\t');
  if (out)
    out(line);
  return 0;
}

// -- load ----------------------------------------------------------------------

constexpr std::uint64_t instructions_per_source_byte = 8;

int load_failed(lua_State* L, std::string_view why) {
  lua_pushnil(L);
  lua_pushlstring(L, why.data(), why.size());
  return 2;
}

/// Calls the reader function at [1] until it has no more.
std::string read_source(lua_State* L, std::size_t most) {
  std::string text;
  barrier here{L};
  while (text.size() <= most) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1))
      break;
    if (!lua_isstring(L, -1))
      luaL_error(L, "reader function must return a string");
    std::size_t size;
    auto data = lua_tolstring(L, -1, &size);
    if (size == 0)
      break;
    text.append(data, std::min(size, most + 1));
    lua_pop(L, 1);
  }
  return text;
}

/// `load` for text only: bytecode can do what no text can.
int load(lua_State* L) {
  auto most = control_of(L).options.source_size;
  std::string text;
  const char* name;
  if (lua_isstring(L, 1)) {
    std::size_t size;
    auto data = lua_tolstring(L, 1, &size);
    name = luaL_optstring(L, 2, data);
    text.assign(data, std::min(size, most + 1));
  } else {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    name = luaL_optstring(L, 2, "=(load)");
    text = read_source(L, most);
  }
  if (text.size() > most)
    return load_failed(L, "load: the source is larger than "
                            + std::to_string(most) + " bytes");
  if (std::string_view{luaL_optstring(L, 3, "bt")}.find('t')
      == std::string_view::npos)
    return load_failed(L, "load: only text can be loaded");
  charge(L, text.size() * instructions_per_source_byte);
  if (luaL_loadbufferx(L, text.data(), text.size(), name, "t") != LUA_OK) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (lua_gettop(L) > 4 || !lua_isnone(L, 4)) {
    lua_pushvalue(L, 4);
    if (lua_setupvalue(L, -2, 1) == nullptr)
      lua_pop(L, 1);
  }
  return 1;
}

void open_base(lua_State* L) {
  static constexpr luaL_Reg own[] = {
    {"assert", guarded<assert_true>},
    {"collectgarbage", guarded<collect_garbage>},
    {"print", guarded<print>},
    {"setmetatable", guarded<set_metatable>},
    {nullptr, nullptr},
  };
  // The standard function fills the globals themselves: move what is wanted.
  lua_newtable(L);
  lua_pushcfunction(L, luaopen_base);
  lua_call(L, 0, 1);
  copy_fields(L,
              {"error", "getmetatable", "next", "rawequal", "rawget", "rawlen",
               "rawset", "select", "tonumber", "type", "_VERSION"});
  copy_behind_barrier(L, {"ipairs", "pairs", "tostring"});
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4); // clearing a field during a traversal is allowed
  }
  lua_insert(L, -2); // [globals, wanted]
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -5);
  }
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "_G");
  luaL_setfuncs(L, own, 0);
  add_protected_calls(L);
  lua_pop(L, 1);
}

void add_load(lua_State* L) {
  for (auto name : {"load", "loadstring"}) {
    lua_pushcfunction(L, guarded<load>);
    lua_setglobal(L, name);
  }
}

// -- table ---------------------------------------------------------------------

/// Calls the function of the standard library in upvalue 1. [-n, +results]
int call_original(lua_State* L) {
  auto function = lua_tocfunction(L, lua_upvalueindex(1));
  barrier here{L};
  return function(L);
}

/// insert and remove move all elements behind the position.
int shift(lua_State* L) {
  auto moves = lua_type(L, 1) == LUA_TTABLE && lua_isnumber(L, 2)
                 ? static_cast<lua_Number>(lua_rawlen(L, 1))
                     - lua_tonumber(L, 2)
                 : 0;
  if (moves > 0)
    charge(L, static_cast<std::uint64_t>(
                std::min(moves, static_cast<lua_Number>(lua_rawlen(L, 1)))));
  return call_original(L);
}

int sort(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  auto n = lua_rawlen(L, 1);
  auto most = control_of(L).options.sort_size;
  if (n > most)
    return luaL_error(L, "table.sort: %f elements are more than %f",
                      static_cast<lua_Number>(n),
                      static_cast<lua_Number>(most));
  auto rounds = static_cast<std::uint64_t>(std::log2(n + 1)) + 1;
  charge(L, 2 * n * rounds);
  return call_original(L);
}

/// Joining may be much work and give nothing: a million empty strings.
int concat(lua_State* L) {
  auto n = lua_type(L, 1) == LUA_TTABLE
             ? static_cast<lua_Number>(lua_rawlen(L, 1))
             : 0;
  auto wanted = luaL_optnumber(L, 4, n) - luaL_optnumber(L, 3, 1) + 1;
  if (wanted > 0)
    charge(L, static_cast<std::uint64_t>(std::min(n, wanted)));
  return call_original(L);
}

/// For functions whose work is the number of their results.
int charge_results(lua_State* L) {
  auto n = call_original(L);
  charge(L, static_cast<std::uint64_t>(n));
  return n;
}

/// Puts a function around one of the library on top. [-0, +0]
void wrap_field(lua_State* L, const char* name, lua_CFunction wrapper) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, wrapper, 1);
  lua_setfield(L, -3, name);
}

void push_table_library(lua_State* L) {
  push_library(L, luaopen_table);
  copy_fields(L, {"pack"});
  wrap_field(L, "concat", guarded<concat>);
  wrap_field(L, "insert", guarded<shift>);
  wrap_field(L, "remove", guarded<shift>);
  wrap_field(L, "sort", guarded<sort>);
  wrap_field(L, "unpack", guarded<charge_results>);
  lua_pop(L, 1);
  lua_getfield(L, -1, "unpack");
  lua_setglobal(L, "unpack");
}

// -- math ----------------------------------------------------------------------

/// splitmix64: each state has its own sequence.
std::uint64_t next_random(control& c) {
  auto x = c.random += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

int random(lua_State* L) {
  auto unit = static_cast<lua_Number>(next_random(control_of(L)) >> 11)
              * 0x1p-53;
  if (lua_gettop(L) == 0) {
    lua_pushnumber(L, unit);
    return 1;
  }
  auto low = lua_gettop(L) == 1 ? 1 : luaL_checknumber(L, 1);
  auto high = luaL_checknumber(L, lua_gettop(L) == 1 ? 1 : 2);
  luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
  lua_pushnumber(L, std::floor(unit * (high - low + 1)) + low);
  return 1;
}

int random_seed(lua_State* L) {
  auto x = luaL_checknumber(L, 1);
  control_of(L).random = std::hash<lua_Number>{}(x);
  return 0;
}

void push_math_library(lua_State* L) {
  static constexpr luaL_Reg own[] = {
    {"random", guarded<random>},
    {"randomseed", guarded<random_seed>},
    {nullptr, nullptr},
  };
  lua_pushcfunction(L, luaopen_math);
  lua_call(L, 0, 1);
  luaL_setfuncs(L, own, 0);
}

// -- os ------------------------------------------------------------------------

std::time_t wall_seconds(lua_State* L) {
  auto& clock = control_of(L).options.wall_time;
  return clock ? std::chrono::system_clock::to_time_t(clock()) : 0;
}

int os_time(lua_State* L) {
  if (!lua_isnoneornil(L, 1))
    return call_original(L);
  lua_pushnumber(L, static_cast<lua_Number>(wall_seconds(L)));
  return 1;
}

int os_date(lua_State* L) {
  constexpr std::uint64_t instructions_per_byte = 20;
  std::size_t size;
  luaL_optlstring(L, 1, "%c", &size);
  charge(L, size * instructions_per_byte);
  lua_settop(L, 2);
  if (lua_isnil(L, 1)) {
    lua_pushliteral(L, "%c");
    lua_replace(L, 1);
  }
  if (lua_isnil(L, 2)) {
    lua_pushnumber(L, static_cast<lua_Number>(wall_seconds(L)));
    lua_replace(L, 2);
  }
  return call_original(L);
}

/// The time that this script has run.
int os_clock(lua_State* L) {
  auto& c = control_of(L);
  std::chrono::duration<lua_Number> ran = c.total + c.turn();
  lua_pushnumber(L, ran.count());
  return 1;
}

/// Upvalue 1 says what to do instead of it.
int unavailable(lua_State* L) {
  return luaL_error(L, "%s", lua_tostring(L, lua_upvalueindex(1)));
}

void push_os_library(lua_State* L) {
  static constexpr std::pair<const char*, const char*> missing[] = {
    {"execute", "os.execute would block all scripts: use saker.exec"},
    {"exit", "os.exit would end Saker: return, or call error"},
  };
  push_library(L, luaopen_os);
  copy_fields(L, {"difftime", "getenv"});
  wrap_field(L, "time", guarded<os_time>);
  wrap_field(L, "date", guarded<os_date>);
  lua_pop(L, 1);
  lua_pushcfunction(L, guarded<os_clock>);
  lua_setfield(L, -2, "clock");
  for (auto& [name, hint] : missing) {
    lua_pushstring(L, hint);
    lua_pushcclosure(L, unavailable, 1);
    lua_setfield(L, -2, name);
  }
}

// -- debug ---------------------------------------------------------------------

void push_debug_library(lua_State* L) {
  push_library(L, luaopen_debug);
  copy_fields(L, {"getinfo", "traceback"});
  lua_pop(L, 1);
}

/// Makes the library on top global, and known to `require`. [-1, +0]
void publish(lua_State* L, const char* name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "_LOADED");
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  lua_setglobal(L, name);
}

} // namespace

void open_libraries(lua_State* L) {
  open_base(L);
  push_string_library(L);
  publish(L, "string");
  push_table_library(L);
  publish(L, "table");
  push_math_library(L);
  publish(L, "math");
  lua_pushcfunction(L, luaopen_bit32);
  lua_call(L, 0, 1);
  publish(L, "bit32");
  if (control_of(L).options.offers == profile::sandbox)
    return;
  add_load(L);
  push_coroutine_library(L);
  publish(L, "coroutine");
  push_os_library(L);
  publish(L, "os");
  push_debug_library(L);
  publish(L, "debug");
  push_package_library(L);
  publish(L, "package");
  push_json_library(L);
  publish(L, "json");
}

} // namespace saker::lua
