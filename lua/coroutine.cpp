#include "lua/coroutine.hpp"

#include "lua/budget.hpp"
#include "lua/guarded.hpp"

#include <string_view>

namespace saker::lua {

namespace {

// An error that is caught costs some microseconds.
constexpr std::uint64_t instructions_per_error = 200;

// Resumes of coroutines that cost as much as a slice: every new coroutine
// starts with a full count, so many short ones would multiply the slice.
constexpr int resumes_per_slice = 64;

// Address of the registry key: threads that wait for the host, weakly held.
const char busy_threads = 0;

// -- protected calls -----------------------------------------------------------

int finish_call(lua_State* L, int status) {
  auto succeeded = status == LUA_OK || status == LUA_YIELD;
  if (!succeeded) {
    note_error(L, status);
    if (control_of(L).killed != errc::none)
      raise(L);
    charge(L, instructions_per_error);
  }
  if (!lua_checkstack(L, 1)) {
    lua_settop(L, 0);
    lua_pushboolean(L, false);
    lua_pushliteral(L, "stack overflow");
    return 2;
  }
  lua_pushboolean(L, succeeded);
  lua_replace(L, 1);
  return lua_gettop(L);
}

int continue_call(lua_State* L) {
  return finish_call(L, lua_getctx(L, nullptr));
}

int protected_call(lua_State* L) {
  luaL_checkany(L, 1);
  lua_pushnil(L); // becomes the first result
  lua_insert(L, 1);
  auto n = lua_gettop(L) - 2;
  return finish_call(
    L, lua_pcallk(L, n, LUA_MULTRET, 0, 0, guarded<continue_call>));
}

/// Calls the handler of a script, but not for the end of a run: hooks are off
/// while an error that a hook raised is handled.
int handle_message(lua_State* L) {
  auto& c = control_of(L);
  if (c.killed != errc::none || c.in_hook)
    return 1;
  barrier here{L};
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

int handled_call(lua_State* L) {
  auto n = lua_gettop(L);
  luaL_argcheck(L, n >= 2, 2, "value expected");
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, handle_message, 1);
  lua_pushvalue(L, 1);
  lua_replace(L, 2);
  lua_replace(L, 1); // [1] handler, [2] function, then arguments
  return finish_call(
    L, lua_pcallk(L, n - 2, LUA_MULTRET, 1, 0, guarded<continue_call>));
}

// -- coroutines ----------------------------------------------------------------

enum class style : int { resume, wrap };

void push_thread(lua_State* L, lua_State* thread) {
  lua_pushthread(thread);
  if (thread != L)
    lua_xmove(thread, L, 1);
}

void set_busy(lua_State* L, lua_State* thread, bool busy) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &busy_threads);
  push_thread(L, thread);
  if (busy)
    lua_pushboolean(L, true);
  else
    lua_pushnil(L);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

bool is_busy(lua_State* L, lua_State* thread) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &busy_threads);
  push_thread(L, thread);
  lua_rawget(L, -2);
  auto busy = lua_toboolean(L, -1) != 0;
  lua_pop(L, 2);
  return busy;
}

std::string_view status_of(lua_State* L, lua_State* thread) {
  if (L == thread)
    return "running";
  luaL_checkstack(L, 3, "too many values");
  if (!lua_checkstack(thread, 1) || is_busy(L, thread))
    return "normal";
  switch (lua_status(thread)) {
    case LUA_YIELD: return "suspended";
    case LUA_OK: break;
    default: return "dead";
  }
  lua_Debug frame;
  if (lua_getstack(thread, 0, &frame) > 0)
    return "normal";
  return lua_gettop(thread) == 0 ? "dead" : "suspended";
}

/// What surrounds lua_resume of an inner coroutine: its barriers are counted
/// apart, and whether those outside have any is kept.
class nested_turn {
public:
  nested_turn(control& c, lua_State* thread)
    : control_(c), barriers_(c.barriers), walls_(c.walls), outer_(c.running) {
    if (c.barriers > 0)
      ++c.walls;
    c.barriers = 0;
    c.running = thread;
    c.yielded = control::reason::none;
  }

  nested_turn(const nested_turn&) = delete;
  nested_turn& operator=(const nested_turn&) = delete;

  ~nested_turn() {
    control_.barriers = barriers_;
    control_.walls = walls_;
    control_.running = outer_;
  }

private:
  control& control_;
  int barriers_;
  int walls_;
  lua_State* outer_;
};

/// Hands the error on top of `L` to the script. [-1, +2 or raises]
int failed(lua_State* L, style how) {
  if (control_of(L).killed != errc::none)
    raise(L);
  if (how == style::wrap) {
    if (lua_isstring(L, -1)) {
      luaL_where(L, 1);
      lua_insert(L, -2);
      lua_concat(L, 2);
    }
    return lua_error(L);
  }
  lua_pushboolean(L, false);
  lua_insert(L, -2);
  return 2;
}

/// Moves what the coroutine yielded or returned to its caller.
int succeeded(lua_State* L, lua_State* thread, style how) {
  auto n = lua_gettop(thread);
  if (!lua_checkstack(L, n + 1)) {
    lua_settop(thread, 0);
    lua_pushliteral(L, "too many results to resume");
    return failed(L, how);
  }
  if (how == style::resume)
    lua_pushboolean(L, true);
  lua_xmove(thread, L, n);
  return how == style::resume ? n + 1 : n;
}

int continue_resume(lua_State* L);

/// Resumes the coroutine at [1] with the top `n` values until it yields to its
/// script, returns, fails, or must wait for the host.
int drive(lua_State* L, int n, style how) {
  auto& c = control_of(L);
  auto thread = lua_tothread(L, 1);
  if (!lua_checkstack(thread, n)) {
    lua_pushliteral(L, "too many arguments to resume");
    return failed(L, how);
  }
  lua_xmove(L, thread, n);
  for (;;) {
    int status;
    {
      nested_turn inner{c, thread};
      keep_pace(thread);
      status = lua_resume(thread, L, n);
    }
    keep_pace(L);
    if (status == LUA_YIELD && c.yielded != control::reason::none) {
      if (c.barriers == 0) {
        set_busy(L, thread, true);
        return lua_yieldk(L, 0, static_cast<int>(how),
                          guarded<continue_resume>);
      }
      // Paused below a barrier further out. Requests are refused there, so
      // this is a look at the budget.
      check_budget(L);
      n = 0;
      continue;
    }
    if (status == LUA_OK || status == LUA_YIELD)
      return succeeded(L, thread, how);
    note_error(L, status);
    charge(L, instructions_per_error);
    lua_xmove(thread, L, 1);
    return failed(L, how);
  }
}

/// The host has resumed us: what it pushed belongs to the inner coroutine.
int continue_resume(lua_State* L) {
  int how;
  lua_getctx(L, &how);
  auto thread = lua_tothread(L, 1);
  set_busy(L, thread, false);
  return drive(L, lua_gettop(L) - 1, static_cast<style>(how));
}

int begin_resume(lua_State* L, style how) {
  auto thread = lua_tothread(L, 1);
  auto status = status_of(L, thread);
  if (status != "suspended") {
    lua_pushfstring(L, "cannot resume %s coroutine",
                    status == "dead" ? "dead" : "non-suspended");
    return failed(L, how);
  }
  return drive(L, lua_gettop(L) - 1, how);
}

int continue_begin(lua_State* L) {
  int how;
  lua_getctx(L, &how);
  return begin_resume(L, static_cast<style>(how));
}

/// Pauses first when coroutines were resumed too often since the last look.
int counted_resume(lua_State* L, style how) {
  auto& c = control_of(L);
  if (++c.resumes >= resumes_per_slice) {
    c.resumes = 0;
    c.spent += static_cast<std::uint64_t>(c.options.slice);
    if (c.barriers == 0 && L != c.main) {
      c.yielded = control::reason::preempted;
      return lua_yieldk(L, 0, static_cast<int>(how), guarded<continue_begin>);
    }
    check_budget(L);
  }
  return begin_resume(L, how);
}

int resume(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  return counted_resume(L, style::resume);
}

int resume_wrapped(lua_State* L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return counted_resume(L, style::wrap);
}

int create(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  auto thread = lua_newthread(L); // inherits the hook
  lua_pushvalue(L, 1);
  lua_xmove(L, thread, 1);
  return 1;
}

int wrap(lua_State* L) {
  create(L);
  lua_pushcclosure(L, resume_wrapped, 1);
  return 1;
}

int yield(lua_State* L) {
  if (L == control_of(L).root)
    return luaL_error(L, "attempt to yield from outside a coroutine");
  return lua_yield(L, lua_gettop(L));
}

int status(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  auto text = status_of(L, lua_tothread(L, 1));
  lua_pushlstring(L, text.data(), text.size());
  return 1;
}

int running(lua_State* L) {
  auto main = lua_pushthread(L) != 0;
  lua_pushboolean(L, main || L == control_of(L).root);
  return 2;
}

int is_yieldable(lua_State* L) {
  auto& c = control_of(L);
  lua_pushboolean(L, L != c.root && L != c.main && c.barriers == 0);
  return 1;
}

} // namespace

void add_protected_calls(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"pcall", guarded<protected_call>},
    {"xpcall", guarded<handled_call>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

void push_coroutine_library(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"create", guarded<create>}, {"isyieldable", guarded<is_yieldable>},
    {"resume", guarded<resume>}, {"running", guarded<running>},
    {"status", guarded<status>}, {"wrap", guarded<wrap>},
    {"yield", guarded<yield>},   {nullptr, nullptr},
  };
  luaL_newlib(L, functions);
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &busy_threads);
}

void reserve_for_host(lua_State* L, lua_State* thread) {
  set_busy(L, thread, true);
}

} // namespace saker::lua
