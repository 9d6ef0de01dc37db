#include "lua/api_arguments.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/budget.hpp"
#include "lua/traceback.hpp"

#include <cmath>

namespace saker::lua {

int refuse(lua_State* L, const std::string& why) {
  auto text = place_of(L) + why;
  lua_pushnil(L);
  lua_pushlstring(L, text.data(), text.size());
  return 2;
}

int refuse(lua_State* L, const char* function, const std::string& why) {
  return refuse(L, std::string{"saker."} + function + ": " + why);
}

int succeed(lua_State* L) {
  lua_pushboolean(L, true);
  return 1;
}

failure bad_argument(const char* function, const std::string& why) {
  return fail(errc::invalid_argument,
              std::string{"saker."} + function + ": " + why);
}

failure unknown_option(const char* function, const std::string& key,
                       const std::vector<std::string>& known) {
  return bad_argument(function, "unknown option \"" + printable(key) + "\""
                                  + did_you_mean(key, known));
}

failure wrong(lua_State* L, const char* function, const std::string& what,
              const char* wanted, int i) {
  return fail(errc::invalid_argument, std::string{"saker."} + function + ": "
                                        + what + " must be " + wanted + ", not "
                                        + luaL_typename(L, i));
}

std::optional<std::string> text_of(lua_State* L, int i) {
  auto type = lua_type(L, i);
  if (type != LUA_TSTRING && type != LUA_TNUMBER)
    return std::nullopt;
  lua_pushvalue(L, i);
  std::size_t size;
  auto data = lua_tolstring(L, -1, &size);
  std::string text{data, size};
  lua_pop(L, 1);
  return text;
}

result<std::string>
text_argument(lua_State* L, const char* function, const char* what, int i) {
  if (auto text = text_of(L, i))
    return std::move(*text);
  return wrong(L, function, what, "a string", i);
}

result<std::chrono::nanoseconds>
time_argument(lua_State* L, const char* function, const char* what, int i) {
  constexpr lua_Number a_century = 100.0 * 366 * 24 * 3600 * 1000;
  if (lua_type(L, i) == LUA_TSTRING) {
    auto parsed = parse_duration(*text_of(L, i));
    if (!parsed)
      return bad_argument(function,
                          std::string{what} + ": " + parsed.error().detail);
    return parsed;
  }
  if (lua_type(L, i) != LUA_TNUMBER)
    return wrong(L, function, what, "milliseconds or a text like \"5s\"", i);
  auto ms = lua_tonumber(L, i);
  if (!(ms >= 0 && ms <= a_century))
    return fail(errc::invalid_argument,
                std::string{"saker."} + function + ": " + what
                  + " must not be negative or longer than a century");
  return std::chrono::nanoseconds{static_cast<std::int64_t>(ms * 1e6)};
}

result<std::int64_t>
integer_argument(lua_State* L, const char* function, const char* what, int i) {
  constexpr lua_Number largest = 9007199254740992.0;
  if (lua_type(L, i) == LUA_TSTRING) {
    if (auto x = parse_integer(*text_of(L, i)))
      return *x;
    return bad_argument(function, std::string{what}
                                    + " must be a whole number, not \""
                                    + printable(*text_of(L, i), 40) + "\"");
  }
  if (lua_type(L, i) != LUA_TNUMBER)
    return wrong(L, function, what, "a whole number", i);
  auto x = lua_tonumber(L, i);
  if (x != std::floor(x) || std::abs(x) > largest)
    return bad_argument(function,
                        std::string{what} + " must be a whole number");
  return static_cast<std::int64_t>(x);
}

result<bool>
flag_argument(lua_State* L, const char* function, const char* what, int i) {
  if (lua_isnoneornil(L, i))
    return false;
  if (lua_type(L, i) == LUA_TBOOLEAN)
    return lua_toboolean(L, i) != 0;
  return wrong(L, function, what, "true or false", i);
}

result<void>
function_argument(lua_State* L, const char* function, const char* what, int i) {
  if (lua_type(L, i) == LUA_TFUNCTION)
    return {};
  return wrong(L, function, what, "a function", i);
}

result<std::vector<std::string>>
text_arguments(lua_State* L, const char* function, const char* what,
               int first) {
  std::vector<std::string> out;
  std::size_t held = 0;
  for (int i = first; i <= lua_gettop(L); ++i) {
    // One string given many times is small in Lua only.
    need_memory(L, held += lua_rawlen(L, i));
    auto text = text_argument(L, function, what, i);
    if (!text)
      return text.error();
    out.push_back(std::move(*text));
  }
  return out;
}

result<std::vector<std::string>>
list_argument(lua_State* L, const char* function, const char* what, int i) {
  std::vector<std::string> out;
  std::size_t held = 0;
  for (int k = 1;; ++k) {
    lua_rawgeti(L, i, k);
    if (lua_isnil(L, -1))
      break;
    need_memory(L, held += lua_rawlen(L, -1));
    auto text = text_of(L, lua_gettop(L));
    if (!text)
      return wrong(L, function,
                   std::string{what} + "[" + std::to_string(k) + "]",
                   "a string", lua_gettop(L));
    out.push_back(std::move(*text));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (out.empty())
    return fail(errc::invalid_argument,
                std::string{"saker."} + function + ": " + what + " is empty");
  return out;
}

int ask(lua_State* L, const char* function, request what, lua_CFunction then,
        int keep) {
  auto& c = control_of(L);
  if (c.root == nullptr || c.barriers > 0 || c.walls > 0)
    return refuse(L, function,
                  "waits for an answer, so it cannot be called within "
                  "table.sort, gsub, load, require, tostring or an error "
                  "handler");
  need_memory(L, size_of(what));
  client_of(L).ask(std::move(what));
  c.yielded = control::reason::request;
  lua_settop(L, keep);
  return then ? lua_yieldk(L, 0, 0, then) : lua_yield(L, 0);
}

int ask_plainly(lua_State* L, const char* function,
                std::vector<std::string> argv, lua_CFunction then, int keep) {
  return ask(L, function, call_request{std::move(argv), true}, then, keep);
}

int ask_work(lua_State* L, const char* function, chore what,
             lua_CFunction then) {
  return ask(L, function, work_request{std::move(what)}, then);
}

} // namespace saker::lua
