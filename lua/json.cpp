#include "lua/json.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/api_arguments.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace saker::lua {

namespace {

constexpr std::size_t deepest = 64;
constexpr lua_Number largest_integer = 9007199254740992.0;

// Address of the registry key: the metatable of arrays.
const char array_type = 0;

/// [-0, +1]
void push_array_type(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &array_type);
}

failure unfit_for_json(const std::string& why) {
  return fail(errc::invalid_argument, "JSON cannot hold " + why);
}

// -- encode ----------------------------------------------------------------------

class encoder {
public:
  explicit encoder(lua_State* L) : L_(L) {
    // nop
  }

  /// The value at the top. [-0, +0]
  result<void> any() {
    switch (lua_type(L_, -1)) {
      case LUA_TNIL: out += "null"; return {};
      case LUA_TBOOLEAN:
        out += lua_toboolean(L_, -1) ? "true" : "false";
        return {};
      case LUA_TNUMBER: return number(lua_tonumber(L_, -1));
      case LUA_TSTRING: text(); return {};
      case LUA_TTABLE: return table();
      case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L_, -1) == nullptr) {
          out += "null";
          return {};
        }
        break;
      default: break;
    }
    return unfit_for_json(std::string{"a "} + luaL_typename(L_, -1));
  }

  std::string out;

private:
  result<void> number(lua_Number x) {
    if (!std::isfinite(x))
      return unfit_for_json("a number that is "
                            + std::string{x != x ? "NaN" : "infinite"});
    char digits[32];
    auto whole = x == std::floor(x) && std::abs(x) <= largest_integer;
    auto end = whole ? std::to_chars(digits, std::end(digits),
                                     static_cast<long long>(x))
                         .ptr
                     : std::to_chars(digits, std::end(digits), x).ptr;
    out.append(digits, end);
    return {};
  }

  void text() {
    constexpr std::size_t enough = 64 * 1024;
    std::size_t size;
    auto data = lua_tolstring(L_, -1, &size);
    append_json(out, {data, size});
    charge(L_, size / 4);
    if (out.size() - counted_ > enough)
      need_memory(L_, counted_ = out.size());
  }

  result<void> table() {
    auto self = lua_topointer(L_, -1);
    if (std::find(path_.begin(), path_.end(), self) != path_.end())
      return unfit_for_json("a table that contains itself");
    if (path_.size() >= deepest || !lua_checkstack(L_, 6))
      return unfit_for_json("tables nested deeper than "
                            + std::to_string(deepest));
    path_.push_back(self);
    auto height = lua_gettop(L_);
    auto done = contents();
    lua_settop(L_, height);
    path_.pop_back();
    return done;
  }

  result<void> contents() {
    std::vector<std::string> names;
    std::size_t numbers = 0;
    lua_pushnil(L_);
    while (lua_next(L_, -2)) {
      lua_pop(L_, 1);
      if (lua_type(L_, -1) == LUA_TNUMBER)
        ++numbers;
      else if (lua_type(L_, -1) == LUA_TSTRING)
        names.push_back(*text_of(L_, -1));
      else
        return unfit_for_json(std::string{"a key that is a "}
                              + luaL_typename(L_, -1));
    }
    charge(L_, names.size() + numbers);
    if (numbers > 0 && !names.empty())
      return unfit_for_json("a table with numbers and names as keys");
    if (numbers > 0 || (names.empty() && is_array()))
      return items(numbers);
    std::sort(names.begin(), names.end());
    return fields(names);
  }

  bool is_array() {
    if (!lua_getmetatable(L_, -1))
      return false;
    push_array_type(L_);
    auto same = lua_rawequal(L_, -1, -2) != 0;
    lua_pop(L_, 2);
    return same;
  }

  result<void> items(std::size_t n) {
    out += '[';
    for (std::size_t i = 1; i <= n; ++i) {
      lua_rawgeti(L_, -1, static_cast<int>(i));
      if (lua_isnil(L_, -1))
        return unfit_for_json("an array with holes");
      if (i > 1)
        out += ',';
      if (auto done = any(); !done)
        return done;
      lua_pop(L_, 1);
    }
    out += ']';
    return {};
  }

  result<void> fields(const std::vector<std::string>& names) {
    out += '{';
    auto first = true;
    for (auto& name : names) {
      if (!std::exchange(first, false))
        out += ',';
      append_json(out, name);
      out += ':';
      push_text(L_, name);
      lua_rawget(L_, -2);
      if (auto done = any(); !done)
        return done;
      lua_pop(L_, 1);
    }
    out += '}';
    return {};
  }

  lua_State* L_;
  std::vector<const void*> path_;
  std::size_t counted_ = 0;
};

int encode(lua_State* L) {
  lua_settop(L, 1);
  auto text = to_json(L, 1);
  if (!text)
    return refuse(L, "json.encode: " + text.error().detail);
  push_text(L, *text);
  return 1;
}

// -- decode ----------------------------------------------------------------------

/// Gets the parts of a text one after the other and builds the value on the
/// stack: an open table, and above it the name of the field that comes.
class decoder {
public:
  explicit decoder(lua_State* L) : L_(L) {
    // nop
  }

  bool null() {
    lua_pushlightuserdata(L_, nullptr);
    return store();
  }

  bool boolean(bool x) {
    lua_pushboolean(L_, x);
    return store();
  }

  bool number_integer(std::int64_t x) {
    lua_pushnumber(L_, static_cast<lua_Number>(x));
    return store();
  }

  bool number_unsigned(std::uint64_t x) {
    lua_pushnumber(L_, static_cast<lua_Number>(x));
    return store();
  }

  bool number_float(double x, const std::string&) {
    lua_pushnumber(L_, x);
    return store();
  }

  bool string(std::string& x) {
    push_text(L_, x);
    return store();
  }

  bool binary(nlohmann::json::binary_t&) {
    return false;
  }

  bool start_object(std::size_t) {
    return open(false);
  }

  bool key(std::string& x) {
    push_text(L_, x);
    return true;
  }

  bool end_object() {
    open_.pop_back();
    return store();
  }

  bool start_array(std::size_t) {
    if (!open(true))
      return false;
    push_array_type(L_);
    lua_setmetatable(L_, -2);
    return true;
  }

  bool end_array() {
    open_.pop_back();
    return store();
  }

  bool parse_error(std::size_t at, const std::string& token,
                   const nlohmann::json::exception&) {
    why = "no JSON at byte " + std::to_string(at) + ", near \""
          + printable(token, 40) + "\"";
    return false;
  }

  std::string why;

private:
  struct level {
    bool array;
    int count = 0;
  };

  bool open(bool array) {
    if (open_.size() >= deepest) {
      why = "nested deeper than " + std::to_string(deepest);
      return false;
    }
    luaL_checkstack(L_, 6, "the text is nested too deep");
    lua_newtable(L_);
    open_.push_back({array});
    return true;
  }

  /// Puts the value at the top into the table below it.
  bool store() {
    if (open_.empty())
      return true;
    if (open_.back().array)
      lua_rawseti(L_, -2, ++open_.back().count);
    else
      lua_rawset(L_, -3);
    return true;
  }

  lua_State* L_;
  std::vector<level> open_;
};

int decode(lua_State* L) {
  if (lua_type(L, 1) != LUA_TSTRING)
    return refuse(L, std::string{"json.decode: the text must be a string, not "}
                       + luaL_typename(L, 1));
  auto most = control_of(L).options.string_size;
  std::size_t size;
  auto data = lua_tolstring(L, 1, &size);
  if (size > most)
    return refuse(L,
                  "json.decode: the text is larger than " + format_size(most));
  charge(L, size);
  lua_settop(L, 1);
  decoder into{L};
  if (nlohmann::json::sax_parse(data, data + size, &into))
    return 1;
  return refuse(L, "json.decode: " + into.why);
}

/// Marks a table as an array, which shows when it is empty.
int make_array(lua_State* L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  if (lua_type(L, 1) != LUA_TTABLE)
    return refuse(L, std::string{"json.array: needs a table, not "}
                       + luaL_typename(L, 1));
  lua_settop(L, 1);
  if (lua_getmetatable(L, 1))
    return refuse(L, "json.array: the table has a metatable already");
  push_array_type(L);
  lua_setmetatable(L, 1);
  return 1;
}

} // namespace

result<std::string> to_json(lua_State* L, int i) {
  luaL_checkstack(L, 2, "too many values");
  auto height = lua_gettop(L);
  lua_pushvalue(L, i);
  encoder builder{L};
  auto done = builder.any();
  lua_settop(L, height);
  if (!done)
    return done.error();
  return std::move(builder.out);
}

void push_json_library(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"array", guarded<make_array>},
    {"decode", guarded<decode>},
    {"encode", guarded<encode>},
    {nullptr, nullptr},
  };
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_type);
  luaL_newlib(L, functions);
  lua_pushlightuserdata(L, nullptr);
  lua_setfield(L, -2, "null");
}

} // namespace saker::lua
