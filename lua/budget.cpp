#include "lua/budget.hpp"

#include "base/units.hpp"
#include "lua/traceback.hpp"

#include <algorithm>
#include <cstdlib>

namespace saker::lua {

namespace {

using namespace std::chrono_literals;

// A frame of string.format or tostring has a buffer of 8 KiB: 64 of them fit
// on every thread we run scripts on.
constexpr int deepest_barriers = 64;

// One instruction on a value of this size takes some microseconds.
constexpr std::size_t easy_value = 64 * 1024;
constexpr int closest_pace = 4;

// Between two looks, if it can be helped; and the longest turn.
constexpr std::chrono::milliseconds long_pace{2};

struct hook_scope {
  explicit hook_scope(control& x) : it(x) {
    it.in_hook = true;
  }

  ~hook_scope() {
    it.in_hook = false;
  }

  control& it;
};

int behind_barrier(lua_State* L) {
  auto function = lua_tocfunction(L, lua_upvalueindex(1));
  barrier here{L};
  return function(L);
}

int called_behind_barrier(lua_State* L) {
  barrier here{L};
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/// As many instructions as may pass while values are as large as now.
int widest_pace(const control& c) {
  if (c.large <= easy_value)
    return c.options.slice;
  auto pace = static_cast<std::size_t>(c.options.slice) * easy_value / c.large;
  return std::max(static_cast<int>(pace),
                  std::min(closest_pace, c.options.slice));
}

/// Goes by how long the last instructions took.
void adapt_pace(control& c) {
  auto widest = widest_pace(c);
  if (!c.options.now) {
    c.pace = widest;
    return;
  }
  auto at = c.options.now();
  auto took = at - std::exchange(c.looked, at);
  if (took > 2 * long_pace)
    c.pace
      = std::max(static_cast<int>(c.pace * (long_pace / 1ns) / (took / 1ns)),
                 std::min(closest_pace, c.options.slice));
  else
    c.pace = c.pace * 4;
  c.pace = std::min(c.pace, widest);
}

void count(lua_State* L, control& c) {
  auto work = std::max<std::uint64_t>(static_cast<std::uint64_t>(c.pace),
                                      c.charge);
  c.spent += work;
  c.sliced += work;
  c.charge = 0;
  c.resumes = 0;
  adapt_pace(c);
  keep_pace(L);
}

/// Whether others should have a turn.
bool turn_is_over(const control& c) {
  return c.sliced >= static_cast<std::uint64_t>(c.options.slice)
         || c.turn() >= long_pace;
}

} // namespace

barrier::barrier(lua_State* L) : control_(control_of(L)) {
  if (control_.barriers >= deepest_barriers)
    luaL_error(L, "more than %d nested calls through C functions",
               deepest_barriers);
  ++control_.barriers;
}

void push_behind_barrier(lua_State* L) {
  lua_pushcclosure(L, behind_barrier, 1);
}

void push_called_behind_barrier(lua_State* L) {
  lua_pushcclosure(L, called_behind_barrier, 1);
}

void on_count(lua_State* L, lua_Debug*) {
  auto& c = control_of(L);
  if (c.running == nullptr)
    return; // the host itself calls Lua: no budget, nobody to yield to
  hook_scope scope{c};
  count(L, c);
  if (c.killed != errc::none) {
    lua_pushlstring(L, c.killed_why.data(), c.killed_why.size());
    raise(L);
  }
  // Here and not by the host: once a hook has yielded, nobody can tell the
  // line any more.
  check_budget(L);
  // Below a barrier nobody can yield.
  if (c.barriers > 0 || !turn_is_over(c))
    return;
  c.yielded = control::reason::preempted;
  lua_yield(L, 0);
}

void begin_pace(control& c) {
  c.sliced = 0;
  c.charge = 0;
  c.resumes = 0;
  c.pace = widest_pace(c);
  if (c.options.now)
    c.looked = c.turn_began = c.options.now();
}

void keep_pace(lua_State* L) {
  auto& c = control_of(L);
  // Neither a look that charge() brought forward nor the end is put off.
  auto soon = c.killed != errc::none
              || c.charge >= static_cast<std::uint64_t>(c.options.slice);
  auto wanted = soon ? 1 : c.pace;
  if (lua_gethookcount(L) != wanted)
    lua_sethook(L, on_count, LUA_MASKCOUNT, wanted);
}

void charge(lua_State* L, std::uint64_t instructions) {
  auto& c = control_of(L);
  c.charge += instructions;
  if (c.charge >= static_cast<std::uint64_t>(c.options.slice))
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
}

void kill(lua_State* L, errc why, std::string detail) {
  auto& c = control_of(L);
  if (c.killed == errc::none) {
    c.killed = why;
    c.killed_why = placed(L, detail);
    c.line = line_at(L, 0);
  }
  lua_pushlstring(L, c.killed_why.data(), c.killed_why.size());
  raise(L);
}

void need_memory(lua_State* L, std::size_t bytes) {
  auto& c = control_of(L);
  if (!c.enforced || c.used + bytes <= c.options.memory)
    return;
  // Like Lua's allocator: first ask the collector. It may run finalizers of C
  // modules only; scripts have none.
  lua_gc(L, LUA_GCCOLLECT, 0);
  if (c.used + bytes > c.options.memory)
    kill(L, errc::out_of_memory, out_of_memory_text(c));
}

void check_budget(lua_State* L) {
  auto& c = control_of(L);
  if (c.over_budget())
    kill(L, errc::busy, overrun_text(c));
}

void note_error(lua_State* L, int status) {
  auto& c = control_of(L);
  if (status != LUA_ERRMEM || c.killed != errc::none)
    return;
  c.killed = errc::out_of_memory;
  c.killed_why = placed(L, out_of_memory_text(c));
  lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
}

void raise(lua_State* L) {
  // Should some C module catch the error, the next instruction raises again.
  if (control_of(L).killed != errc::none)
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
  lua_error(L);
  std::abort(); // lua_error does not return
}

std::string placed(lua_State* L, const std::string& text) {
  auto scripts = control_of(L).options.offers == profile::script;
  return scripts ? place_of(L) + text : text;
}

std::string overrun_text(const control& x) {
  auto limit = x.allowed.instructions;
  auto text = limit != 0 && x.spent >= limit
                ? std::to_string(limit) + " instructions"
                : format_duration(x.allowed.time);
  text = "ran for " + text + " without a pause";
  if (x.options.offers == profile::script)
    text += ": do less at once, or call saker.sleep(0) in long loops";
  return text;
}

std::string out_of_memory_text(const control& x) {
  auto text = "needs more than " + format_size(x.options.memory) + " of memory";
  if (x.options.offers == profile::script)
    text += ": keep less, or raise `memory` in [scripts]";
  return text;
}

} // namespace saker::lua
