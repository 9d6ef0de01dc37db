#include "lua/runner.hpp"

#include "lua/budget.hpp"
#include "lua/coroutine.hpp"
#include "lua/near_name.hpp"
#include "lua/traceback.hpp"

namespace saker::lua {

namespace {

constexpr std::size_t longest_message = 4 * 1024;

/// Lends the control of the state to a thread for one turn.
class lease {
public:
  lease(control& c, thread& x, budget allowed) : control_(c), thread_(x) {
    c.allowed = allowed;
    c.root = c.running = x.L;
    c.yielded = control::reason::none;
    c.killed = errc::none;
    c.killed_why.clear();
    c.barriers = c.walls = 0;
    c.in_hook = false;
    c.spent = x.spent;
    c.ran = x.ran;
    begin_pace(c);
    keep_pace(x.L);
    c.enforced = true;
  }

  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

  ~lease() {
    auto took = control_.turn();
    control_.enforced = false;
    control_.root = control_.running = nullptr;
    control_.ran += took;
    control_.total += took;
    thread_.total += took;
    thread_.ran = control_.ran;
    thread_.spent = control_.spent;
  }

private:
  control& control_;
  thread& thread_;
};

} // namespace

runner::runner(state& engine, budget allowed)
  : engine_(engine), allowed_(allowed) {
  // nop
}

thread runner::acquire() {
  if (!idle_.empty()) {
    auto x = std::move(idle_.back());
    idle_.pop_back();
    return x;
  }
  auto L = engine_.get();
  thread x;
  x.L = lua_newthread(L);
  lua_sethook(x.L, on_count, LUA_MASKCOUNT, engine_.shared().options.slice);
  reserve_for_host(L, x.L);
  x.anchor = reference{L};
  return x;
}

void runner::release(thread x) {
  if (idle_.size() >= most_idle)
    return;
  lua_settop(x.L, 0);
  x.spent = 0;
  x.ran = x.total = std::chrono::nanoseconds{0};
  idle_.push_back(std::move(x));
}

turn runner::resume(thread& x, int values) {
  int status;
  {
    lease scope{engine_.shared(), x, allowed_};
    status = lua_resume(x.L, nullptr, values);
  }
  return judge(x, status);
}

turn runner::judge(thread& x, int status) {
  auto& c = engine_.shared();
  if (status == LUA_OK)
    return {turn::outcome::done, lua_gettop(x.L), {}};
  if (status == LUA_YIELD) {
    switch (c.yielded) {
      case control::reason::preempted: return {turn::outcome::paused, 0, {}};
      case control::reason::request:
        x.spent = 0;
        x.ran = std::chrono::nanoseconds{0};
        return {turn::outcome::asked, 0, {}};
      default:
        // coroutine.yield refuses this, but a C module may do it.
        return end(x, fail(errc::script_error,
                           "attempt to yield from outside a coroutine"));
    }
  }
  note_error(x.L, status);
  if (c.killed != errc::none)
    return end(x, fail(c.killed, c.killed_why));
  auto text = error_text(x.L);
  text += near_name(x.L, text);
  return end(x, fail(errc::script_error, std::move(text)));
}

turn runner::end(thread& x, failure why) {
  if (why.detail.size() > longest_message) {
    why.detail.resize(longest_message);
    why.detail += "…";
  }
  if (auto trace = traceback(x.L); !trace.empty())
    why.detail += "\nstack traceback:" + trace;
  return {turn::outcome::failed, 0, std::move(why)};
}

} // namespace saker::lua
