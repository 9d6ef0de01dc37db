#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/guarded.hpp"
#include "process/files.hpp"
#include "pubsub/glob.hpp"

namespace saker::lua {

namespace {

using process::file_info;

/// A path as a script gave it, and where it is.
struct path_argument {
  std::string shown;
  std::string whole;
};

result<path_argument>
read_path(lua_State* L, const char* function, const char* what, int i) {
  constexpr std::size_t longest = 4096;
  auto text = text_argument(L, function, what, i);
  if (!text)
    return text.error();
  if (text->empty() || text->size() > longest)
    return bad_argument(function,
                        std::string{what} + " must have 1 to 4096 bytes");
  if (text->find('\0') != std::string::npos)
    return bad_argument(function,
                        std::string{what} + " cannot hold zero bytes");
  auto whole = process::absolute_path(client_of(L).directory(), *text);
  return path_argument{std::move(*text), std::move(whole)};
}

/// A glob as in PSUBSCRIBE; none: all names.
result<process::name_filter>
read_filter(lua_State* L, const char* function, int i) {
  if (lua_isnoneornil(L, i))
    return process::name_filter{};
  auto glob = text_argument(L, function, "the pattern", i);
  if (!glob)
    return glob.error();
  return process::name_filter{[glob = std::move(*glob)](std::string_view name) {
    return pubsub::glob_match(glob, name);
  }};
}

int answer(lua_State* L, const char* function, const result<void>& done) {
  return done ? succeed(L) : refuse(L, function, done.error().detail);
}

resp::value to_value(std::vector<std::string> names) {
  resp::array out;
  out.items.reserve(names.size());
  for (auto& x : names)
    out.items.emplace_back(std::move(x));
  return out;
}

// -- the working directory ---------------------------------------------------------

int pwd(lua_State* L) {
  auto& dir = client_of(L).directory();
  push_text(L, dir.empty() ? "/" : dir);
  return 1;
}

int cd(lua_State* L) {
  auto path = read_path(L, "cd", "the path", 1);
  if (!path)
    return refuse(L, path.error().detail);
  auto what = process::inspect(path->whole, true);
  if (!what)
    return refuse(L, "cd", what.error().detail);
  if (!what->directory)
    return refuse(L, "cd", printable(path->whole) + ": is no directory");
  client_of(L).directory() = std::move(path->whole);
  return succeed(L);
}

// -- one file ----------------------------------------------------------------------

int answer_kind(lua_State* L, const char* function, bool file_info::*kind) {
  auto path = read_path(L, function, "the path", 1);
  if (!path)
    return refuse(L, path.error().detail);
  auto what = process::inspect(path->whole, true);
  lua_pushboolean(L, what && (*what).*kind);
  return 1;
}

int isdir(lua_State* L) {
  return answer_kind(L, "isdir", &file_info::directory);
}

int isfile(lua_State* L) {
  return answer_kind(L, "isfile", &file_info::regular);
}

int islink(lua_State* L) {
  auto path = read_path(L, "islink", "the path", 1);
  if (!path)
    return refuse(L, path.error().detail);
  auto what = process::inspect(path->whole, false);
  if (!what)
    return refuse(L, "islink", what.error().detail);
  lua_pushboolean(L, what->link);
  return 1;
}

void set(lua_State* L, const char* name, bool x) {
  lua_pushboolean(L, x);
  lua_setfield(L, -2, name);
}

void set(lua_State* L, const char* name, lua_Number x) {
  lua_pushnumber(L, x);
  lua_setfield(L, -2, name);
}

int fileinfo(lua_State* L) {
  constexpr unsigned readable = 0444;
  constexpr unsigned writable = 0222;
  constexpr unsigned executable = 0111;
  auto path = read_path(L, "fileinfo", "the path", 1);
  if (!path)
    return refuse(L, path.error().detail);
  auto more = flag_argument(L, "fileinfo", "the second argument", 2);
  if (!more)
    return refuse(L, more.error().detail);
  auto x = process::inspect(path->whole, true);
  auto own = process::inspect(path->whole, false);
  if (!x || !own)
    return refuse(L, "fileinfo", (x ? own : x).error().detail);
  lua_newtable(L);
  set(L, "IFDIR", x->directory);
  set(L, "IFREG", x->regular);
  set(L, "IFREAD", (x->mode & readable) != 0);
  set(L, "IFWRITE", (x->mode & writable) != 0);
  set(L, "IFEXEC", (x->mode & executable) != 0);
  if (!*more)
    return 1;
  set(L, "IFLINK", own->link);
  set(L, "MODE", static_cast<lua_Number>(x->mode));
  set(L, "SIZE", static_cast<lua_Number>(x->size));
  set(L, "ATIME", static_cast<lua_Number>(x->accessed));
  set(L, "MTIME", static_cast<lua_Number>(x->modified));
  set(L, "CTIME", static_cast<lua_Number>(x->changed));
  return 1;
}

/// Does it for each argument until it fails.
int for_each_path(lua_State* L, const char* function,
                  result<void> (*action)(const std::string&)) {
  auto n = lua_gettop(L);
  for (int i = 1; i == 1 || i <= n; ++i) {
    auto path = read_path(L, function, "the path", i);
    if (!path)
      return refuse(L, path.error().detail);
    if (auto done = action(path->whole); !done)
      return answer(L, function, done);
  }
  return succeed(L);
}

int make_directories(lua_State* L) {
  return for_each_path(L, "mkdir", process::make_directory);
}

int remove_directories(lua_State* L) {
  return for_each_path(L, "rmdir", process::remove_directory);
}

// -- many files: on a thread of its own --------------------------------------------

int ls(lua_State* L) {
  auto path = read_path(L, "ls", "the path", 1);
  if (!path)
    return refuse(L, path.error().detail);
  auto filter = read_filter(L, "ls", 2);
  if (!filter)
    return refuse(L, filter.error().detail);
  return ask_work(L, "ls",
                  {[path = std::move(path->whole), filter = std::move(*filter)](
                     const std::atomic<bool>& stop) -> result<chore_result> {
                    auto names = process::list_directory(path, filter, stop);
                    if (!names)
                      return names.error();
                    return chore_result{to_value(std::move(*names))};
                  }});
}

int walk(lua_State* L) {
  auto path = read_path(L, "walk", "the path", 1);
  if (!path)
    return refuse(L, path.error().detail);
  auto filter = read_filter(L, "walk", 2);
  if (!filter)
    return refuse(L, filter.error().detail);
  return ask_work(L, "walk",
                  {[path = std::move(*path), filter = std::move(*filter)](
                     const std::atomic<bool>& stop) -> result<chore_result> {
                     auto names = process::walk_tree(path.whole, path.shown,
                                                     filter, stop);
                     if (!names)
                       return names.error();
                     return chore_result{to_value(std::move(*names))};
                   },
                   std::chrono::minutes{5}});
}

int cp(lua_State* L) {
  auto from = read_path(L, "cp", "the source", 1);
  if (!from)
    return refuse(L, from.error().detail);
  auto to = read_path(L, "cp", "the target", 2);
  if (!to)
    return refuse(L, to.error().detail);
  return ask_work(L, "cp",
                  {[from = std::move(from->whole), to = std::move(to->whole)](
                     const std::atomic<bool>& stop) -> result<chore_result> {
                     auto done = process::copy_tree(from, to, stop);
                     if (!done)
                       return done.error();
                     return chore_result{resp::value{true}};
                   },
                   std::chrono::hours{1}});
}

} // namespace

void add_file_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"cd", guarded<cd>},
    {"cp", guarded<cp>},
    {"fileinfo", guarded<fileinfo>},
    {"isdir", guarded<isdir>},
    {"isfile", guarded<isfile>},
    {"islink", guarded<islink>},
    {"ls", guarded<ls>},
    {"mkdir", guarded<make_directories>},
    {"pwd", guarded<pwd>},
    {"rmdir", guarded<remove_directories>},
    {"walk", guarded<walk>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
