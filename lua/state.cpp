#include "lua/state.hpp"

#include "lua/budget.hpp"
#include "lua/library.hpp"
#include "lua/traceback.hpp"

#include <cassert>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace saker::lua {

namespace {

// Allocations cost time too.
constexpr std::size_t worth_charging = 4096;
constexpr std::size_t large = 32 * 1024;

void account(control& c, std::size_t old, std::size_t wanted) {
  c.used += wanted - old;
  c.large += (wanted > large ? wanted : 0) - (old > large ? old : 0);
}

void* allocate(void* ud, void* block, std::size_t old, std::size_t wanted) {
  auto& c = *static_cast<control*>(ud);
  if (block == nullptr)
    old = 0; // Lua passes the kind of object here
  if (wanted == 0) {
    std::free(block);
    account(c, old, 0);
    return nullptr;
  }
  if (c.enforced && wanted > old && c.used - old + wanted > c.options.memory) {
    // Lua collects all garbage now and tries again, each time anew while live
    // data are close to the ceiling.
    if (c.running != nullptr) {
      charge(c.running, c.used / bytes_per_instruction);
      c.line = line_at(c.running, 0); // an error of memory tells none
    }
    return nullptr;
  }
  auto result = std::realloc(block, wanted);
  if (result == nullptr)
    return nullptr;
  account(c, old, wanted);
  if (wanted > worth_charging && c.running != nullptr)
    charge(c.running, wanted / bytes_per_instruction);
  return result;
}

int panic(lua_State* L) {
  throw std::runtime_error("unprotected Lua error: " + error_text(L));
}

/// Notes where an error happened: its text need not say it. The end of a run
/// is where it was decided, not where it was caught and raised again.
int note_line(lua_State* L) {
  auto& c = control_of(L);
  if (c.killed == errc::none)
    c.line = line_at(L, 1);
  return 1;
}

/// Sets what a direct call needs and takes it back at the end.
class direct_call {
public:
  direct_call(control& c, budget allowed) : control_(c) {
    c.allowed = allowed;
    c.root = nullptr;
    c.killed = errc::none;
    c.killed_why.clear();
    c.line = 0;
    c.barriers = 1; // nobody to yield to
    c.walls = 0;
    c.spent = 0;
    c.ran = std::chrono::nanoseconds{0};
    begin_pace(c);
    c.running = c.main;
    keep_pace(c.main);
    c.enforced = true;
  }

  direct_call(const direct_call&) = delete;
  direct_call& operator=(const direct_call&) = delete;

  ~direct_call() {
    control_.enforced = false;
    control_.total += control_.turn();
    control_.running = nullptr;
    control_.barriers = 0;
  }

private:
  control& control_;
};

} // namespace

state::state(state_options options)
  : control_(std::make_unique<control>(std::move(options))),
    L_(lua_newstate(allocate, control_.get())) {
  if (L_ == nullptr)
    throw std::bad_alloc{};
  control_->main = L_;
  control_->random = control_->options.seed;
  lua_atpanic(L_, panic);
  // Garbage of 10 % starts a cycle: a third less memory at no measured cost.
  lua_gc(L_, LUA_GCSETPAUSE, 110);
  lua_gc(L_, LUA_GCSETSTEPMUL, 400);
  // Threads made from here on inherit it.
  lua_sethook(L_, on_count, LUA_MASKCOUNT, control_->options.slice);
  open_libraries(L_);
}

state::~state() {
  [[maybe_unused]] auto left = close();
  assert(left == 0);
}

std::size_t state::close() noexcept {
  if (auto L = std::exchange(L_, nullptr))
    lua_close(L);
  return control_->used;
}

void state::set_function(const char* name, lua_CFunction function) {
  lua_pushcfunction(L_, function);
  lua_setglobal(L_, name);
}

result<void> state::load(std::string_view chunk, std::string_view text) {
  auto name = "@" + std::string{chunk};
  auto status = luaL_loadbufferx(L_, text.data(), text.size(), name.c_str(),
                                 "t");
  if (status == LUA_OK)
    return {};
  auto why = syntax_error_text(L_);
  lua_pop(L_, 1);
  return fail(errc::syntax, std::move(why));
}

result<void> state::call(int arguments, int results, budget allowed) {
  auto handler = lua_gettop(L_) - arguments;
  lua_pushcfunction(L_, note_line);
  lua_insert(L_, handler);
  int status;
  {
    direct_call scope{*control_, allowed};
    status = lua_pcall(L_, arguments, results, handler);
  }
  lua_remove(L_, handler);
  if (status == LUA_OK)
    return {};
  note_error(L_, status);
  auto why = error_text(L_);
  lua_pop(L_, 1);
  if (control_->killed == errc::none)
    return fail(errc::script_error, std::move(why));
  auto code = std::exchange(control_->killed, errc::none);
  return fail(code, std::exchange(control_->killed_why, {}));
}

result<void>
state::run(std::string_view chunk, std::string_view text, budget allowed) {
  if (auto loaded = load(chunk, text); !loaded)
    return loaded;
  return call(0, 0, allowed);
}

void state::collect() {
  lua_gc(L_, LUA_GCCOLLECT, 0);
}

} // namespace saker::lua
