#include "lua/budget.hpp"
#include "lua/guarded.hpp"
#include "lua/library.hpp"
#include "lua/pattern.hpp"
#include "lua/text_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

namespace saker::lua {

namespace {

constexpr std::string_view specials = "^$*+?.([%-";

// Every byte of a long subject may cost some steps beyond the limit.
constexpr std::uint64_t steps_per_byte = 16;

// Compiled it takes some times as much.
constexpr std::size_t longest_pattern = 64 * 1024;

std::string_view check_string(lua_State* L, int i) {
  std::size_t size;
  auto data = luaL_checklstring(L, i, &size);
  return {data, size};
}

void push(lua_State* L, std::string_view x) {
  lua_pushlstring(L, x.data(), x.size());
}

/// The steps of one call: charged to the run when it ends, however it ends.
class step_account {
public:
  step_account(lua_State* L, std::size_t subject, std::size_t pattern)
    : L_(L),
      granted_(control_of(L).options.pattern_steps + steps_per_byte * subject),
      left(granted_) {
    if (pattern > longest_pattern)
      luaL_error(L, "the pattern is longer than %d bytes",
                 static_cast<int>(longest_pattern));
    charge(L, pattern); // to compile it
  }

  step_account(const step_account&) = delete;
  step_account& operator=(const step_account&) = delete;

  ~step_account() {
    charge(L_, granted_ - left);
  }

private:
  lua_State* L_;
  std::uint64_t granted_;

public:
  std::uint64_t left;
};

/// Raises what a matcher could not do; too many steps end the run.
[[noreturn]] void raise_failure(lua_State* L, const failure& why) {
  if (why.code == errc::busy)
    kill(L, errc::busy, why.detail);
  luaL_error(L, "%s", why.detail.c_str());
  std::abort(); // luaL_error does not return
}

template <class T>
T need(lua_State* L, result<T> x) {
  if (!x)
    raise_failure(L, x.error());
  return *x;
}

void push_capture(lua_State* L, const matcher& m, std::string_view subject,
                  std::size_t i) {
  auto x = need(L, m.get(i));
  if (x.position)
    lua_pushinteger(L, static_cast<lua_Integer>(x.begin + 1));
  else
    push(L, subject.substr(x.begin, x.length));
}

/// Pushes all captures, or the whole match if there are none. [-0, +n]
int push_captures(lua_State* L, const matcher& m, std::string_view subject,
                  bool whole_if_none) {
  auto n = m.captures();
  if (n == 0 && whole_if_none)
    n = 1;
  luaL_checkstack(L, static_cast<int>(n), "too many captures");
  for (std::size_t i = 0; i < n; ++i)
    push_capture(L, m, subject, i);
  return static_cast<int>(n);
}

/// A position as scripts give it, negative ones from the end; 1 at least.
std::size_t first_position(lua_State* L, int i, std::size_t size) {
  auto x = luaL_optinteger(L, i, 1);
  if (x < 0)
    x = static_cast<std::size_t>(-x) > size
          ? 1
          : static_cast<lua_Integer>(size) + x + 1;
  return x < 1 ? 1 : static_cast<std::size_t>(x);
}

/// memmem is linear; string_view::find is not.
std::size_t
find_plain(std::string_view subject, std::string_view what, std::size_t from) {
  if (what.empty())
    return from;
  auto at = memmem(subject.data() + from, subject.size() - from, what.data(),
                   what.size());
  return at == nullptr ? std::string_view::npos
                       : static_cast<std::size_t>(static_cast<const char*>(at)
                                                  - subject.data());
}

int push_range(lua_State* L, std::size_t begin, std::size_t end) {
  lua_pushinteger(L, static_cast<lua_Integer>(begin + 1));
  lua_pushinteger(L, static_cast<lua_Integer>(end));
  return 2;
}

enum class wanted { range, captures };

int search(lua_State* L, wanted what) {
  auto subject = check_string(L, 1);
  auto text = check_string(L, 2);
  auto from = first_position(L, 3, subject.size()) - 1;
  if (from > subject.size()) {
    lua_pushnil(L);
    return 1;
  }
  charge(L, text.size() / 2); // to look for specials
  if (what == wanted::range
      && (lua_toboolean(L, 4)
          || text.find_first_of(specials) == std::string_view::npos)) {
    charge(L, (subject.size() - from) / bytes_per_instruction);
    auto at = find_plain(subject, text, from);
    if (at != std::string_view::npos)
      return push_range(L, at, at + text.size());
    lua_pushnil(L);
    return 1;
  }
  step_account steps{L, subject.size(), text.size()};
  pattern compiled{text};
  matcher m{compiled, subject, steps.left};
  if (!need(L, m.find(from))) {
    lua_pushnil(L);
    return 1;
  }
  if (what == wanted::captures)
    return push_captures(L, m, subject, true);
  push_range(L, m.begin(), m.end());
  return 2 + push_captures(L, m, subject, false);
}

int find(lua_State* L) {
  return search(L, wanted::range);
}

int match(lua_State* L) {
  return search(L, wanted::captures);
}

/// Upvalues: subject, pattern, where to go on (zero based).
int next_match(lua_State* L) {
  auto subject = check_string(L, lua_upvalueindex(1));
  auto text = check_string(L, lua_upvalueindex(2));
  auto from = static_cast<std::size_t>(lua_tointeger(L, lua_upvalueindex(3)));
  if (from > subject.size())
    return 0;
  step_account steps{L, subject.size() - from, text.size()};
  pattern compiled{text, false};
  matcher m{compiled, subject, steps.left};
  if (!need(L, m.find(from)))
    return 0;
  // An empty match must not be found again.
  auto next = m.end() == m.begin() ? m.end() + 1 : m.end();
  lua_pushinteger(L, static_cast<lua_Integer>(next));
  lua_replace(L, lua_upvalueindex(3));
  return push_captures(L, m, subject, true);
}

int gmatch(lua_State* L) {
  check_string(L, 1);
  check_string(L, 2);
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, guarded<next_match>, 3);
  return 1;
}

// -- gsub ----------------------------------------------------------------------

void append_template(lua_State* L, text_buffer& out, const matcher& m,
                     std::string_view subject, std::string_view text) {
  for (;;) {
    auto escape = text.find('%');
    out.append(text.substr(0, escape));
    if (escape == std::string_view::npos)
      return;
    auto c = escape + 1 < text.size() ? text[escape + 1] : '\0';
    if (c == '%') {
      out.append('%');
    } else if (c == '0') {
      out.append(subject.substr(m.begin(), m.end() - m.begin()));
    } else if (c >= '1' && c <= '9') {
      push_capture(L, m, subject, static_cast<std::size_t>(c - '1'));
      std::size_t size;
      auto data = lua_tolstring(L, -1, &size);
      out.append({data, size});
      lua_pop(L, 1);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
    text.remove_prefix(escape + 2);
  }
}

/// Replaces one match by what a function, a table or a template says.
void append_value(lua_State* L, text_buffer& out, const matcher& m,
                  std::string_view subject) {
  auto whole = subject.substr(m.begin(), m.end() - m.begin());
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION: {
      lua_pushvalue(L, 3);
      auto n = push_captures(L, m, subject, true);
      lua_call(L, n, 1);
      break;
    }
    case LUA_TTABLE:
      push_capture(L, m, subject, 0);
      lua_gettable(L, 3);
      break;
    default: append_template(L, out, m, subject, check_string(L, 3)); return;
  }
  if (!lua_toboolean(L, -1)) {
    out.append(whole);
  } else if (lua_isstring(L, -1)) {
    std::size_t size;
    auto data = lua_tolstring(L, -1, &size);
    out.append({data, size});
  } else {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
  lua_pop(L, 1);
}

int gsub(lua_State* L) {
  auto subject = check_string(L, 1);
  auto text = check_string(L, 2);
  auto type = lua_type(L, 3);
  luaL_argcheck(L,
                type == LUA_TNUMBER || type == LUA_TSTRING
                  || type == LUA_TFUNCTION || type == LUA_TTABLE,
                3, "string/function/table expected");
  auto most = luaL_optinteger(L, 4,
                              static_cast<lua_Integer>(subject.size() + 1));
  barrier here{L};
  step_account steps{L, subject.size(), text.size()};
  pattern compiled{text};
  matcher m{compiled, subject, steps.left};
  text_buffer out{L};
  std::size_t at = 0;
  lua_Integer n = 0;
  while (n < most) {
    auto found = need(L, m.match_at(at));
    if (found) {
      ++n;
      append_value(L, out, m, subject);
    }
    if (found && m.end() > at)
      at = m.end();
    else if (at < subject.size())
      out.append(subject[at++]);
    else
      break;
    if (compiled.anchored())
      break;
  }
  out.append(subject.substr(at));
  push(L, out.view());
  lua_pushinteger(L, n);
  return 2;
}

// -- what could grow too large -------------------------------------------------

/// All bytes of a part at once: each is a result.
int byte(lua_State* L) {
  auto x = check_string(L, 1);
  auto size = static_cast<lua_Integer>(x.size());
  auto from_end = [&](lua_Integer i) { return i < 0 ? size + i + 1 : i; };
  auto first = luaL_optinteger(L, 2, 1);
  auto last = from_end(luaL_optinteger(L, 3, from_end(first)));
  first = std::max<lua_Integer>(from_end(first), 1);
  last = std::min(last, size);
  if (first > last)
    return 0;
  auto n = last - first + 1;
  if (n >= std::numeric_limits<int>::max())
    return luaL_error(L, "string slice too long");
  charge(L, static_cast<std::uint64_t>(n));
  luaL_checkstack(L, static_cast<int>(n), "string slice too long");
  for (auto i = first; i <= last; ++i)
    lua_pushinteger(
      L, static_cast<unsigned char>(x[static_cast<std::size_t>(i - 1)]));
  return static_cast<int>(n);
}

/// %s calls __tostring. Upvalue: the function of the library.
int format(lua_State* L) {
  constexpr std::uint64_t instructions_per_value = 20;
  charge(L, check_string(L, 1).size()
              + instructions_per_value
                  * static_cast<std::uint64_t>(lua_gettop(L)));
  barrier here{L};
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Appends in blocks: one byte at a time would take long.
void repeat(text_buffer& out, std::string_view x, std::string_view separator,
            std::size_t n) {
  constexpr std::size_t block_size = 4096;
  auto unit = std::string{x}.append(separator);
  auto left = n - 1; // the last one has no separator
  std::string block;
  std::size_t in_block = 0;
  while (!unit.empty() && in_block < left
         && block.size() + unit.size() <= block_size) {
    block += unit;
    ++in_block;
  }
  for (; in_block > 0 && left >= in_block; left -= in_block)
    out.append(block);
  for (; !unit.empty() && left > 0; --left)
    out.append(unit);
  out.append(x);
}

int rep(lua_State* L) {
  auto x = check_string(L, 1);
  auto n = luaL_checknumber(L, 2);
  std::size_t size;
  auto data = luaL_optlstring(L, 3, "", &size);
  std::string_view separator{data, size};
  if (!(n >= 1)) {
    push(L, "");
    return 1;
  }
  // Empty strings cost no memory, but time.
  auto most = control_of(L).options.string_size;
  auto each = std::max<std::size_t>(1, x.size() + separator.size());
  if (n > static_cast<lua_Number>(most / each))
    return luaL_error(L, "resulting string too large");
  text_buffer out{L};
  repeat(out, x, separator, static_cast<std::size_t>(n));
  push(L, out.view());
  return 1;
}

} // namespace

void push_string_library(lua_State* L) {
  static constexpr luaL_Reg own[] = {
    {"byte", guarded<byte>},   {"find", guarded<find>},
    {"match", guarded<match>}, {"gmatch", guarded<gmatch>},
    {"gsub", guarded<gsub>},   {"rep", guarded<rep>},
    {nullptr, nullptr},
  };
  static constexpr const char* kept[] = {"char",    "len", "lower",
                                         "reverse", "sub", "upper"};
  lua_pushcfunction(L, luaopen_string);
  lua_call(L, 0, 1);
  luaL_newlib(L, own);
  for (auto name : kept) {
    lua_getfield(L, -2, name);
    lua_setfield(L, -2, name);
  }
  lua_getfield(L, -2, "format");
  lua_pushcclosure(L, guarded<format>, 1);
  lua_setfield(L, -2, "format");
  lua_remove(L, -2);
  // All strings share one metatable: nobody may change it for the others.
  push(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

} // namespace saker::lua
