#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/guarded.hpp"
#include "process/exit_status.hpp"
#include "process/files.hpp"
#include "process/pidof.hpp"
#include "process/proc_stat.hpp"

namespace saker::lua {

namespace {

// Address of the registry key: when the processes began that were found.
const char found_processes = 0;

constexpr std::size_t most_remembered = 1'000;

// -- what was found ----------------------------------------------------------------
// A pid is a number that comes back. When a script signals one that it got
// from saker.pidof, it means that process and no other.

void push_remembered(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &found_processes);
  if (lua_istable(L, -1))
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &found_processes);
}

/// Forgets all when there are too many: then pids are taken as they are.
void make_room(lua_State* L) {
  std::size_t n = 0;
  push_remembered(L);
  lua_pushnil(L);
  for (; lua_next(L, -2); ++n)
    lua_pop(L, 1);
  lua_pop(L, 1);
  if (n < most_remembered)
    return;
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &found_processes);
}

/// [1] pid, [2] when it began.
int finish_pidof(lua_State* L) {
  if (lua_type(L, 1) != LUA_TNUMBER)
    return lua_gettop(L);
  make_room(L);
  push_remembered(L);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_rawset(L, -3);
  lua_settop(L, 1);
  return 1;
}

std::optional<std::uint64_t> remembered(lua_State* L, pid_t pid) {
  push_remembered(L);
  lua_pushinteger(L, pid);
  lua_rawget(L, -2);
  std::optional<std::uint64_t> out;
  if (lua_type(L, -1) == LUA_TNUMBER)
    out = static_cast<std::uint64_t>(lua_tonumber(L, -1));
  lua_pop(L, 2);
  return out;
}

// -- pidof -------------------------------------------------------------------------

result<void> read_mark(lua_State* L, const std::string& key, int i,
                       process::daemon_marks& out) {
  auto text = text_argument(L, "pidof", key.c_str(), i);
  if (!text)
    return text.error();
  if (key == "pidfile")
    out.pidfile = std::move(*text);
  else if (key == "match")
    out.match = std::move(*text);
  else
    out.user = std::move(*text);
  return {};
}

result<process::daemon_marks> read_marks(lua_State* L) {
  process::daemon_marks out;
  if (lua_type(L, 1) == LUA_TTABLE) {
    auto read = read_options(
      L, "pidof", 1, {"pidfile", "match", "user"},
      [&](const std::string& key, int i) { return read_mark(L, key, i, out); });
    if (!read)
      return read.error();
  } else {
    auto read = read_mark(L, "pidfile", 1, out);
    if (read && !lua_isnoneornil(L, 2))
      read = read_mark(L, "match", 2, out);
    if (!read)
      return read.error();
  }
  if (out.pidfile.empty() && out.match.empty())
    return bad_argument("pidof", "say pidfile or match");
  auto zero = [](const std::string& x) { return x.find('\0') != x.npos; };
  if (zero(out.pidfile) || zero(out.match) || (out.user && zero(*out.user)))
    return bad_argument("pidof", "no argument can hold zero bytes");
  if (!out.pidfile.empty())
    out.pidfile = process::absolute_path(client_of(L).directory(), out.pidfile);
  return out;
}

int pidof(lua_State* L) {
  auto marks = read_marks(L);
  if (!marks)
    return refuse(L, marks.error().detail);
  return ask_work(L, "pidof",
                  {[marks = std::move(*marks)](
                     const std::atomic<bool>&) -> result<chore_result> {
                    auto found = process::find_daemon(marks);
                    if (!found)
                      return found.error();
                    return chore_result{found->pid, found->start_time};
                  }},
                  guarded<finish_pidof>);
}

// -- kill --------------------------------------------------------------------------

result<int> read_signal(lua_State* L) {
  constexpr std::int64_t highest = 64;
  if (lua_isnoneornil(L, 2))
    return SIGTERM;
  auto text = text_of(L, 2);
  if (!text)
    return wrong(L, "kill", "the signal", "a number or a name like \"TERM\"",
                 2);
  if (auto number = parse_integer(*text)) {
    if (*number < 0 || *number > highest)
      return bad_argument("kill", "the signal must be 0 to 64");
    return static_cast<int>(*number);
  }
  if (auto number = process::signal_number(*text))
    return *number;
  return bad_argument("kill",
                      "there is no signal \"" + printable(*text, 40) + "\"");
}

std::string not_ours(pid_t pid) {
  return "process " + std::to_string(pid)
         + " was neither started by Saker nor found by saker.pidof; only a "
           "command that is registered with right = \"admin\" may signal any "
           "process";
}

int kill_process(lua_State* L) {
  constexpr std::int64_t highest = 1 << 22; // as the kernel has it
  auto pid = integer_argument(L, "kill", "the pid", 1);
  if (!pid)
    return refuse(L, pid.error().detail);
  if (*pid < 1 || *pid > highest)
    return refuse(L, "kill", "the pid must be a positive number");
  auto signal = read_signal(L);
  if (!signal)
    return refuse(L, signal.error().detail);
  auto target = static_cast<pid_t>(*pid);
  auto who = remembered(L, target);
  auto done = process::signal_pid(target, 0, who);
  // A number may come from anywhere; nobody shall get Saker, who may be root,
  // to end what he could not end himself.
  if (done && *signal != 0 && !who && !client_of(L).admin_asks()) {
    auto about = process::read_stat(target);
    if (about && !process::is_ours(target))
      return refuse(L, "kill", not_ours(target));
    if (about)
      who = about->start_time;
  }
  if (done && *signal != 0)
    done = process::signal_pid(target, *signal, who);
  return done ? succeed(L) : refuse(L, "kill", done.error().detail);
}

} // namespace

void add_process_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"kill", guarded<kill_process>},
    {"pidof", guarded<pidof>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
