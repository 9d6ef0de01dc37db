#include "lua/definition_value.hpp"

#include "base/text.hpp"
#include "supervision/secrets.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <tuple>

namespace saker::lua {

namespace {

constexpr int max_depth = 10;
constexpr std::size_t max_values = 10'000;
constexpr double max_key = 1e9;

/// The metatable of handles, and how they lie in memory.
constexpr const char* handle_type = "saker.handle";

struct handle_box {
  const char* word; ///< static text
  std::size_t index;
};

/// Reads one value after the other, counting.
class reader {
public:
  reader(lua_State* L, std::size_t& bytes) : L_(L), bytes_(bytes) {
    // nop
  }

  result<definition_value> read(int index, int depth) {
    using kind = definition_value::kind;
    definition_value x;
    if (++count_ > max_values)
      return fail(errc::limit, "it has more than 10000 values");
    switch (lua_type(L_, index)) {
      case LUA_TNIL: break;
      case LUA_TBOOLEAN:
        x.what = kind::boolean;
        x.truth = lua_toboolean(L_, index) != 0;
        break;
      case LUA_TNUMBER:
        x.what = kind::number;
        x.number = lua_tonumber(L_, index);
        break;
      case LUA_TSTRING: {
        std::size_t size = 0;
        auto text = lua_tolstring(L_, index, &size);
        if (size > bytes_)
          return fail(errc::limit, "it has too much text");
        bytes_ -= size;
        x.what = kind::text;
        x.text.assign(text, size);
        break;
      }
      case LUA_TTABLE:
        x.what = kind::table;
        if (auto done = read_table(x, lua_absindex(L_, index), depth); !done)
          return done.error();
        break;
      case LUA_TUSERDATA:
        if (auto box = luaL_testudata(L_, index, handle_type)) {
          auto& handle = *static_cast<handle_box*>(box);
          x.what = kind::handle;
          x.text = handle.word;
          x.index = handle.index;
          break;
        }
        [[fallthrough]];
      default: x.what = kind::function; break;
    }
    return x;
  }

private:
  result<void> read_table(definition_value& into, int index, int depth) {
    if (depth == max_depth)
      return fail(errc::limit, "its tables are more than 10 deep");
    luaL_checkstack(L_, 4, "definition");
    lua_pushnil(L_);
    while (lua_next(L_, index) != 0) {
      auto key = read_key(-2);
      auto value = key ? read(-1, depth + 1)
                       : result<definition_value>{key.error()};
      lua_pop(L_, 1);
      if (!value) {
        lua_pop(L_, 1);
        return value.error();
      }
      key->value = std::move(*value);
      into.entries.push_back(std::move(*key));
    }
    std::sort(into.entries.begin(), into.entries.end(), [](auto& a, auto& b) {
      return std::tie(a.name, a.number) < std::tie(b.name, b.number);
    });
    return {};
  }

  /// lua_tolstring would turn a number into a text, and lua_next would fail.
  result<definition_value::entry> read_key(int index) {
    definition_value::entry x;
    if (lua_type(L_, index) == LUA_TSTRING) {
      std::size_t size = 0;
      auto text = lua_tolstring(L_, index, &size);
      if (size > bytes_)
        return fail(errc::limit, "it has too much text");
      bytes_ -= size;
      x.name.assign(text, size);
      if (!x.name.empty())
        return x;
    }
    if (lua_type(L_, index) == LUA_TNUMBER) {
      auto number = lua_tonumber(L_, index);
      if (std::abs(number) <= max_key && number == std::floor(number)) {
        x.number = static_cast<long long>(number);
        return x;
      }
    }
    return fail(errc::invalid_argument,
                "it has a key that is neither a name nor a whole number");
  }

  lua_State* L_;
  std::size_t& bytes_;
  std::size_t count_ = 0;
};

} // namespace

bool definition_value::is_list() const noexcept {
  long long expected = 1;
  for (auto& x : entries)
    if (!x.name.empty() || x.number != expected++)
      return false;
  return true;
}

const definition_value*
definition_value::find(std::string_view name) const noexcept {
  for (auto& x : entries)
    if (x.name == name)
      return &x.value;
  return nullptr;
}

std::string describe(const definition_value& x) {
  using kind = definition_value::kind;
  switch (x.what) {
    case kind::nil: return "nil";
    case kind::boolean: return x.truth ? "true" : "false";
    case kind::number: {
      char text[32];
      std::snprintf(text, sizeof text, "%.14g", x.number);
      return text;
    }
    case kind::text:
      return "\""
             + printable(supervision::without_secrets(std::string_view{x.text}),
                         60)
             + "\"";
    case kind::table: return "a table";
    case kind::function: return "a function";
    case kind::handle: return x.text + "(…)";
  }
  return "?";
}

void push_handle(lua_State* L, const char* word, std::size_t index) {
  auto box = lua_newuserdata(L, sizeof(handle_box));
  *static_cast<handle_box*>(box) = {word, index};
  if (luaL_newmetatable(L, handle_type)) {
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

result<definition_value>
read_definition(lua_State* L, int index, std::size_t& bytes) {
  return reader{L, bytes}.read(lua_absindex(L, index), 0);
}

} // namespace saker::lua
