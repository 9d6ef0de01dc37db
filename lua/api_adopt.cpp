#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"
#include "process/files.hpp"
#include "resp/parser.hpp"
#include "supervision/service.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

/// What a script wants to keep running, in the words of SVRUN.
struct adoption {
  std::string name;
  std::vector<std::string> argv;
  std::vector<std::string> options; ///< `--user`, `bob`, …
  std::string pidfile;              ///< empty: none
  std::string out;                  ///< files; empty: the log of Saker
  std::string err;                  ///< empty: like `out`
};

/// `nginx` for `/usr/sbin/nginx`: what may not stand in a name becomes `-`.
std::string to_name(const std::string& path) {
  constexpr std::size_t longest = 58; // a number may follow
  auto base = path.substr(path.rfind('/') + 1);
  std::string name;
  for (auto c : base) {
    auto letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || (c >= '0' && c <= '9');
    auto fits = letter || c == '_' || c == '.' || c == '-';
    if (letter || !name.empty()) // a name does not begin with a dot
      name += fits ? c : '-';
  }
  name.resize(std::min(name.size(), longest));
  return supervision::check_name(name) ? name : "program-" + name;
}

/// `web` for `/run/web.pid`; two programs of one binary have two pidfiles.
std::string name_for(const adoption& what) {
  constexpr std::string_view ending = ".pid";
  if (what.pidfile.empty())
    return to_name(what.argv.front());
  auto path = what.pidfile;
  if (path.ends_with(ending))
    path.resize(path.size() - ending.size());
  return to_name(path);
}

void add_option(adoption& out, const std::string& name, std::string value) {
  out.options.push_back("--" + name);
  out.options.push_back(std::move(value));
}

/// A number of Lua means what its digits say: 22 is the mask 022.
result<std::string> umask_argument(lua_State* L, int i) {
  auto text = text_argument(L, "adopt", "umask", i);
  if (!text)
    return text;
  if (text->empty() || text->size() > 4
      || text->find_first_not_of("01234567") != std::string::npos)
    return bad_argument("adopt", "umask must be octal digits such as \"022\"");
  return text;
}

result<void>
read_option(lua_State* L, const std::string& key, int i, adoption& out) {
  if (key == "args") {
    if (lua_type(L, i) != LUA_TTABLE)
      return wrong(L, "adopt", "args", "a table of strings", i);
    if (lua_rawlen(L, i) == 0)
      return {};
    auto list = list_argument(L, "adopt", "args", i);
    if (!list)
      return list.error();
    out.argv.insert(out.argv.end(), list->begin(), list->end());
    return {};
  }
  auto text = key == "umask" ? umask_argument(L, i)
                             : text_argument(L, "adopt", key.c_str(), i);
  if (!text)
    return text.error();
  if (text->empty())
    return bad_argument("adopt", key + " must not be empty");
  if (key == "cmd")
    out.argv.insert(out.argv.begin(), std::move(*text));
  else if (key == "name")
    out.name = std::move(*text);
  else if (key == "pidfile")
    out.pidfile = std::move(*text);
  else if (key == "stdout")
    out.out = process::absolute_path(client_of(L).directory(), *text);
  else if (key == "stderr")
    out.err = process::absolute_path(client_of(L).directory(), *text);
  else if (key == "dir")
    add_option(out, key,
               process::absolute_path(client_of(L).directory(), *text));
  else
    add_option(out, key, std::move(*text));
  return {};
}

/// `{cmd=, args=, …}`: the program is taken as it is.
result<adoption> read_table(lua_State* L) {
  adoption out;
  // args may come first.
  lua_getfield(L, 1, "cmd");
  auto there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (!there)
    return bad_argument("adopt", "cmd is missing");
  auto read = read_options(
    L, "adopt", 1,
    {"cmd", "args", "pidfile", "user", "umask", "stdout", "stderr", "name",
     "dir"},
    [&](const std::string& key, int i) { return read_option(L, key, i, out); });
  if (!read)
    return read.error();
  return out;
}

/// `(pidfile or nil, command line [, user])`: quotes keep words together.
result<adoption> read_positions(lua_State* L) {
  adoption out;
  if (!lua_isnoneornil(L, 1)) {
    auto pidfile = text_argument(L, "adopt", "the pidfile", 1);
    if (!pidfile)
      return pidfile.error();
    out.pidfile = std::move(*pidfile);
  }
  auto line = text_argument(L, "adopt", "the command line", 2);
  if (!line)
    return line.error();
  std::string bytes;
  std::vector<std::size_t> lengths;
  if (!resp::split_inline(*line, bytes, lengths) || lengths.empty())
    return bad_argument("adopt", "the command line \"" + printable(*line, 80)
                                   + "\" is empty or its quotes do not match");
  std::string_view rest = bytes;
  for (auto length : lengths) {
    out.argv.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  if (!lua_isnoneornil(L, 3)) {
    auto user = text_argument(L, "adopt", "the user", 3);
    if (!user)
      return user.error();
    add_option(out, "user", std::move(*user));
  }
  return out;
}

/// [1] the pidfile or nil, [2] the row of SVRUN: its text has the pid.
int finish_adopt(lua_State* L) {
  constexpr std::string_view running = "running, pid ";
  if (lua_type(L, 2) != LUA_TTABLE)
    return lua_gettop(L) - 1;
  lua_rawgeti(L, 2, 1);
  if (lua_type(L, -1) != LUA_TTABLE)
    return refuse(L, "adopt", "SVRUN gave no answer");
  lua_getfield(L, -1, "desc");
  auto text = text_of(L, -1).value_or("");
  if (!text.starts_with(running))
    return refuse(L, "adopt", text);
  auto pid = parse_integer(text.substr(running.size()));
  lua_pushnumber(L, static_cast<lua_Number>(pid.value_or(0)));
  lua_pushvalue(L, 1);
  return 2;
}

/// SVRUN, its options, and the command. A file of its own for stderr is the
/// affair of a shell that becomes the program.
std::vector<std::string> to_command(adoption what) {
  std::vector<std::string> out{"SVRUN"};
  if (what.name.empty()) {
    out.push_back(name_for(what));
    out.emplace_back("--numbered");
  } else {
    out.push_back(std::move(what.name));
  }
  if (!what.pidfile.empty())
    add_option(what, "pidfile", what.pidfile);
  if (!what.out.empty())
    add_option(what, "log", what.out);
  if (!what.err.empty() && what.err != what.out)
    what.argv.insert(what.argv.begin(),
                     {"/bin/sh", "-c", "exec \"$@\" 2>>\"$0\"", what.err});
  out.insert(out.end(), what.options.begin(), what.options.end());
  out.emplace_back("--");
  out.insert(out.end(), what.argv.begin(), what.argv.end());
  return out;
}

int adopt(lua_State* L) {
  auto what = lua_type(L, 1) == LUA_TTABLE ? read_table(L) : read_positions(L);
  if (!what)
    return refuse(L, what.error().detail);
  if (!what->pidfile.empty())
    what->pidfile = process::absolute_path(client_of(L).directory(),
                                           what->pidfile);
  lua_settop(L, 0);
  if (what->pidfile.empty())
    lua_pushnil(L);
  else
    push_text(L, what->pidfile);
  return ask_plainly(L, "adopt", to_command(std::move(*what)),
                     guarded<finish_adopt>, 1);
}

} // namespace

void add_adopt_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"adopt", guarded<adopt>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
