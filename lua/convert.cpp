#include "lua/convert.hpp"

#include "resp/error_word.hpp"

#include <lua.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace saker::lua {

namespace {

// The first that no RESP integer can hold. Every double below it that is
// whole, and beyond 2^53 each is, is exactly that integer.
constexpr double too_large = 0x1p63;

std::string_view text_at(lua_State* L, int i) {
  std::size_t size;
  auto data = lua_tolstring(L, i, &size);
  return {data, size};
}

failure unfit(const std::string& why) {
  return fail(errc::script_error, "cannot reply with " + why);
}

/// The fields by which a table names its type.
enum class tag : int { error, status, fraction, map, set };
constexpr std::array<const char*, 5> tag_names = {"err", "ok", "double", "map",
                                                  "set"};

class reply_builder {
public:
  /// Keeps the names of the tags on the stack: making them anew for each table
  /// would be most of the work. [-0, +5]
  reply_builder(lua_State* L, resp::protocol dialect,
                const reply_limits& limits)
    : L_(L), dialect_(dialect), limits_(limits), tags_(lua_gettop(L) + 1) {
    for (auto name : tag_names)
      lua_pushstring(L, name);
  }

  /// The value at the top. [-0, +0]
  result<resp::value> any() {
    if (++values_ > limits_.values)
      return unfit("more than " + std::to_string(limits_.values) + " values");
    switch (lua_type(L_, -1)) {
      case LUA_TNIL: return resp::value{};
      case LUA_TBOOLEAN:
        return lua_toboolean(L_, -1) ? resp::value{1} : resp::value{};
      case LUA_TNUMBER: return number(lua_tonumber(L_, -1));
      case LUA_TSTRING: return text<std::string>();
      case LUA_TTABLE: return table();
      default: return unfit(std::string{"a "} + luaL_typename(L_, -1));
    }
  }

private:
  /// The string at the top: as a bulk, a status or an error. A table that
  /// holds one long string often is small, but the reply is not.
  template <class T>
  result<resp::value> text() {
    auto x = text_at(L_, -1);
    bytes_ += x.size();
    if (bytes_ > limits_.bytes)
      return unfit("more than " + std::to_string(limits_.bytes) + " bytes");
    return resp::value{T{std::string{x}}};
  }

  resp::value number(double x) const {
    auto whole = std::trunc(x);
    if (whole >= -too_large && whole < too_large
        && (whole == x || dialect_ == resp::protocol::resp2))
      return resp::value{static_cast<std::int64_t>(whole)};
    return resp::value{x};
  }

  result<resp::value> table() {
    auto self = lua_topointer(L_, -1);
    if (std::find(path_.begin(), path_.end(), self) != path_.end())
      return unfit("a table that contains itself");
    if (static_cast<int>(path_.size()) >= limits_.depth
        || !lua_checkstack(L_, 4))
      return unfit("tables nested deeper than "
                   + std::to_string(limits_.depth));
    path_.push_back(self);
    auto height = lua_gettop(L_);
    auto out = tagged();
    lua_settop(L_, height);
    path_.pop_back();
    return out;
  }

  /// Pushes a field; whether it has that type. [-0, +1]
  bool field(tag name, int type) {
    lua_pushvalue(L_, tags_ + static_cast<int>(name));
    lua_rawget(L_, -2);
    if (lua_type(L_, -1) == type)
      return true;
    lua_pop(L_, 1);
    return false;
  }

  /// A table that names its type by a field, or an array.
  result<resp::value> tagged() {
    if (field(tag::error, LUA_TSTRING))
      return text<resp::error>();
    if (field(tag::status, LUA_TSTRING))
      return text<resp::simple>();
    if (field(tag::fraction, LUA_TNUMBER))
      return resp::value{lua_tonumber(L_, -1)};
    if (field(tag::map, LUA_TTABLE))
      return map();
    if (field(tag::set, LUA_TTABLE))
      return set();
    return array();
  }

  result<std::vector<resp::value>> elements() {
    std::vector<resp::value> items;
    for (int i = 1;; ++i) {
      lua_rawgeti(L_, -1, i);
      if (lua_isnil(L_, -1))
        break;
      auto x = any();
      if (!x)
        return x.error();
      items.push_back(std::move(*x));
      lua_pop(L_, 1);
    }
    lua_pop(L_, 1);
    return items;
  }

  result<resp::value> array() {
    auto items = elements();
    if (!items)
      return items.error();
    if (items->empty() && has_fields())
      return unfit("a table with named fields: use {map={...}}");
    return resp::value{resp::array{std::move(*items)}};
  }

  bool has_fields() {
    lua_pushnil(L_);
    if (!lua_next(L_, -2))
      return false;
    lua_pop(L_, 2);
    return true;
  }

  /// The members are the values, or as in Redis the keys of {key=true, …}.
  result<resp::value> set() {
    lua_rawgeti(L_, -1, 1);
    auto by_value = !lua_isnil(L_, -1) && !lua_isboolean(L_, -1);
    lua_pop(L_, 1);
    if (by_value) {
      auto items = elements();
      if (!items)
        return items.error();
      return resp::value{resp::set{std::move(*items)}};
    }
    auto entries = sorted_entries(false);
    if (!entries)
      return entries.error();
    resp::set out;
    for (auto& x : *entries)
      out.items.push_back(std::move(x.key));
    return resp::value{std::move(out)};
  }

  result<resp::value> map() {
    auto entries = sorted_entries(true);
    if (!entries)
      return entries.error();
    return resp::value{resp::map{std::move(*entries)}};
  }

  /// Lua's order differs from run to run, so entries are sorted by key.
  result<std::vector<resp::entry>> sorted_entries(bool with_items) {
    std::vector<resp::entry> out;
    lua_pushnil(L_);
    while (lua_next(L_, -2)) {
      resp::entry x;
      if (with_items) {
        auto item = any();
        if (!item)
          return item.error();
        x.item = std::move(*item);
      }
      lua_pop(L_, 1);
      auto key = any();
      if (!key)
        return key.error();
      x.key = std::move(*key);
      out.push_back(std::move(x));
    }
    std::sort(out.begin(), out.end(), [](auto& x, auto& y) {
      auto xn = x.key.template get_if<std::int64_t>();
      auto yn = y.key.template get_if<std::int64_t>();
      if (xn && yn)
        return *xn < *yn;
      if (xn || yn)
        return xn != nullptr; // numbers first
      return x.key.text() < y.key.text();
    });
    return out;
  }

  lua_State* L_;
  resp::protocol dialect_;
  const reply_limits& limits_;
  int tags_; ///< stack index of the first name
  std::vector<const void*> path_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
};

// -- the other way -------------------------------------------------------------

void push_nested(lua_State* L, const resp::value& x);

void push_tagged(lua_State* L, const char* tag, std::string_view text) {
  lua_createtable(L, 0, 1);
  push_text(L, text);
  lua_setfield(L, -2, tag);
}

void push_array(lua_State* L, std::span<const resp::value> items) {
  lua_createtable(L, static_cast<int>(items.size()), 0);
  int i = 0;
  for (auto& x : items) {
    push_nested(L, x);
    lua_rawseti(L, -2, ++i);
  }
}

void push_map(lua_State* L, const resp::map& x) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, static_cast<int>(x.entries.size()));
  for (auto& [key, item] : x.entries) {
    push_nested(L, key);
    push_nested(L, item);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "map");
}

void push_set(lua_State* L, const resp::set& x) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, static_cast<int>(x.items.size()));
  for (auto& item : x.items) {
    push_nested(L, item);
    lua_pushboolean(L, true);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "set");
}

void push_nested(lua_State* L, const resp::value& x) {
  luaL_checkstack(L, 6, "the reply is nested too deep");
  if (auto b = x.get_if<bool>())
    lua_pushboolean(L, *b);
  else if (auto i = x.get_if<std::int64_t>())
    lua_pushnumber(L, static_cast<lua_Number>(*i));
  else if (auto d = x.get_if<double>())
    std::isnan(*d) ? push_text(L, "nan") : lua_pushnumber(L, *d);
  else if (x.is<resp::simple>())
    push_tagged(L, "ok", x.text());
  else if (x.is_error())
    push_tagged(L, "err", x.text());
  else if (auto m = x.get_if<resp::map>())
    push_map(L, *m);
  else if (auto s = x.get_if<resp::set>())
    push_set(L, *s);
  else if (x.is<resp::array>() || x.is<resp::push>())
    push_array(L, x.items());
  else if (x.is_null())
    lua_pushboolean(L, false);
  else
    push_text(L, x.text());
}

} // namespace

result<resp::value> to_reply(lua_State* L, int n, resp::protocol dialect,
                             const reply_limits& limits) {
  if (n == 0)
    return resp::value{};
  auto outcome = lua_isboolean(L, -n) || lua_isnil(L, -n);
  if (n >= 2 && outcome && lua_type(L, 1 - n) == LUA_TSTRING) {
    auto text = std::string{text_at(L, 1 - n)};
    if (lua_toboolean(L, -n))
      return resp::value{std::move(text)};
    return resp::value{resp::error{resp::has_error_word(text) ? std::move(text)
                                                              : "ERR " + text}};
  }
  if (!lua_checkstack(L, static_cast<int>(tag_names.size()) + 1))
    return unfit("so many results");
  auto height = lua_gettop(L);
  reply_builder builder{L, dialect, limits};
  lua_pushvalue(L, height - n + 1);
  auto out = builder.any();
  lua_settop(L, height);
  return out;
}

int push_reply(lua_State* L, const resp::value& x) {
  if (x.is_null()) {
    lua_pushnil(L);
    return 1;
  }
  if (x.is_error()) {
    lua_pushnil(L);
    push_text(L, x.text());
    return 2;
  }
  push_nested(L, x);
  return 1;
}

void push_text(lua_State* L, std::string_view x) {
  lua_pushlstring(L, x.data(), x.size());
}

} // namespace saker::lua
