#pragma once

#include "lua/api.hpp"
#include "lua/control.hpp"
#include "lua/convert.hpp"

#include <algorithm>
#include <optional>

/// How the functions of the table `saker` read their arguments and answer.
/// `function` is the name without `saker.`, `what` the argument for people.
namespace saker::lua {

inline api_client& client_of(lua_State* L) {
  return owner_of<api_client>(L);
}

/// What every function answers that could not do its work. [-0, +2]
int refuse(lua_State* L, const std::string& why);

/// The same with "saker.exec: " before it.
int refuse(lua_State* L, const char* function, const std::string& why);

/// true. [-0, +1]
int succeed(lua_State* L);

/// "saker.publish: the channel must be a string, not nil".
failure wrong(lua_State* L, const char* function, const std::string& what,
              const char* wanted, int i);

/// "saker.exec: " and `why`.
failure bad_argument(const char* function, const std::string& why);

/// Strings and numbers. Leaves the value at `i` as it is.
std::optional<std::string> text_of(lua_State* L, int i);

result<std::string>
text_argument(lua_State* L, const char* function, const char* what, int i);

/// Milliseconds as a number, or a duration as text.
result<std::chrono::nanoseconds>
time_argument(lua_State* L, const char* function, const char* what, int i);

/// A whole number; text that is one, too.
result<std::int64_t>
integer_argument(lua_State* L, const char* function, const char* what, int i);

/// Nothing for nothing and nil.
result<bool>
flag_argument(lua_State* L, const char* function, const char* what, int i);

/// A function that is there; it stays where it is.
result<void>
function_argument(lua_State* L, const char* function, const char* what, int i);

/// The strings of the array at `i`, which must have some.
result<std::vector<std::string>>
list_argument(lua_State* L, const char* function, const char* what, int i);

/// All arguments from `first` on as texts; `what` names one of them.
result<std::vector<std::string>>
text_arguments(lua_State* L, const char* function, const char* what, int first);

/// "unknown option "x" (did you mean "y"?)".
failure unknown_option(const char* function, const std::string& key,
                       const std::vector<std::string>& known);

/// Walks over the named fields of the options table at `i`: gives name and
/// stack index of the value to `take`, which answers or fails.
template <class Take>
result<void> read_options(lua_State* L, const char* function, int i,
                          const std::vector<std::string>& known, Take take) {
  if (lua_isnoneornil(L, i))
    return {};
  if (lua_type(L, i) != LUA_TTABLE)
    return wrong(L, function, "the last argument", "a table of options", i);
  lua_pushnil(L);
  while (lua_next(L, i)) {
    auto key = text_of(L, -2).value_or("?");
    if (std::find(known.begin(), known.end(), key) == known.end())
      return unknown_option(function, key, known);
    if (auto taken = take(key, lua_gettop(L)); !taken)
      return taken;
    lua_pop(L, 1);
  }
  return {};
}

/// Gives the request to the host; the answer becomes the results of the
/// calling function. Refused where a yield could not reach the host. A
/// continuation gets the answer on its stack instead, above the `keep` values
/// at its bottom.
int ask(lua_State* L, const char* function, request what,
        lua_CFunction then = nullptr, int keep = 0);

/// The same for a command of Saker, answered as plain tables.
int ask_plainly(lua_State* L, const char* function,
                std::vector<std::string> argv, lua_CFunction then = nullptr,
                int keep = 0);

/// The same for work that may block.
int ask_work(lua_State* L, const char* function, chore what,
             lua_CFunction then = nullptr);

} // namespace saker::lua
