#include "lua/near_name.hpp"

#include "base/text.hpp"

#include <vector>

namespace saker::lua {

namespace {

/// All names of the libraries, and not all that a script may pile up.
constexpr std::size_t most_names = 2000;

/// `registr` of "attempt to call field 'registr' (a nil value)", if the word
/// before it is `kind`.
std::string_view nil_name(std::string_view error, std::string_view kind) {
  constexpr std::string_view tail = "' (a nil value)";
  auto end = error.find(tail);
  if (end == error.npos)
    return {};
  auto begin = error.rfind('\'', end - 1);
  if (begin == error.npos || begin + 1 >= end
      || !error.substr(0, begin).ends_with(kind))
    return {};
  return error.substr(begin + 1, end - begin - 1);
}

/// Adds the text keys of the table on top; with `inside` those of the tables in
/// it instead.
void add_keys(lua_State* L, bool inside, std::vector<std::string>& names) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (inside && lua_istable(L, -1))
      add_keys(L, false, names);
    else if (!inside && lua_type(L, -2) == LUA_TSTRING
             && names.size() < most_names)
      names.emplace_back(lua_tostring(L, -2));
  }
}

} // namespace

std::string near_name(lua_State* L, std::string_view error) {
  auto global = nil_name(error, "global ");
  auto name = global.empty() ? nil_name(error, "field ") : global;
  if (name.empty() || !lua_checkstack(L, 6))
    return {};
  std::vector<std::string> known;
  lua_pushglobaltable(L);
  add_keys(L, global.empty(), known);
  lua_pop(L, 1);
  return did_you_mean(name, known);
}

} // namespace saker::lua
