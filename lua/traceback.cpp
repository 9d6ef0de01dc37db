#include "lua/traceback.hpp"

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace saker::lua {

namespace {

// Deep recursions repeat themselves, and every level is searched from the top.
constexpr int most_shown = 20;

// A field can have any string as its name.
constexpr std::size_t longest_name = 80;

/// `err` of the table on top, if it is a string: {err="ERR no"} is an error
/// value as a reply would be.
std::string field_err(lua_State* L) {
  if (!lua_checkstack(L, 1))
    return {};
  lua_pushliteral(L, "err");
  lua_rawget(L, -2);
  std::string text;
  if (lua_type(L, -1) == LUA_TSTRING) {
    std::size_t size;
    auto data = lua_tolstring(L, -1, &size);
    text.assign(data, size);
  }
  lua_pop(L, 1);
  return text;
}

void describe(std::string& out, lua_State* thread, lua_Debug& frame) {
  lua_getinfo(thread, "Snl", &frame);
  out += "\n  ";
  out += frame.short_src;
  if (frame.currentline > 0)
    out += ":" + std::to_string(frame.currentline);
  if (frame.name)
    out += " in "
           + std::string{frame.name, ::strnlen(frame.name, longest_name)};
  else if (*frame.what == 'm')
    out += " in main chunk";
  else if (*frame.what != 'C')
    out += " in function of line " + std::to_string(frame.linedefined);
}

} // namespace

std::string error_text(lua_State* L) {
  std::size_t size = 0;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
      auto text = lua_tolstring(L, -1, &size);
      return {text, size};
    }
    case LUA_TNUMBER: {
      // lua_tolstring would allocate: it changes the value into a string.
      char buffer[LUAI_MAXNUMBER2STR];
      return {buffer, static_cast<std::size_t>(
                        lua_number2str(buffer, lua_tonumber(L, -1)))};
    }
    case LUA_TNIL: return "nil";
    case LUA_TTABLE:
      if (auto text = field_err(L); !text.empty())
        return text;
      break;
    default: break;
  }
  return std::string{"(error object is a "} + luaL_typename(L, -1) + " value)";
}

std::string syntax_error_text(lua_State* L) {
  constexpr std::string_view near = " near '";
  auto why = error_text(L);
  auto at = why.find(near);
  if (at == why.npos)
    return why;
  auto token = std::string_view{why}.substr(at + near.size());
  auto text = false;
  for (auto start : {"\"", "'", "[[", "[="})
    text = text || token.starts_with(start);
  return text ? why.substr(0, at) + " near a text" : why;
}

std::string place_of(lua_State* thread) {
  lua_Debug frame;
  // Few C functions lie between; below them would be somebody else's line.
  for (int level = 0; level < most_shown; ++level) {
    if (!lua_getstack(thread, level, &frame))
      break;
    lua_getinfo(thread, "Sl", &frame);
    if (frame.currentline > 0)
      return std::string{frame.short_src} + ':'
             + std::to_string(frame.currentline) + ": ";
  }
  return {};
}

int line_at(lua_State* thread, int level) {
  lua_Debug frame;
  for (; lua_getstack(thread, level, &frame) != 0; ++level) {
    lua_getinfo(thread, "l", &frame);
    if (frame.currentline > 0)
      return frame.currentline;
  }
  return 0;
}

void raise_text(lua_State* L, const std::string& text) {
  auto placed = place_of(L) + text;
  lua_pushlstring(L, placed.data(), placed.size());
  lua_error(L);
  std::abort(); // lua_error does not return
}

std::string traceback(lua_State* thread) {
  std::string out;
  lua_Debug frame;
  for (int level = 0; lua_getstack(thread, level, &frame); ++level) {
    if (level == most_shown) {
      out += "\n  ...";
      break;
    }
    describe(out, thread, frame);
  }
  return out;
}

} // namespace saker::lua
