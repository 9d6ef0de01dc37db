#pragma once

#include "base/result.hpp"

#include <lua.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace saker::lua {

using time_point = std::chrono::steady_clock::time_point;
using wall_time_point = std::chrono::system_clock::time_point;

/// What a state offers to its Lua code.
enum class profile : std::uint8_t {
  sandbox, ///< for definitions: no load, require, os, io, debug, coroutine
  script,  ///< for trusted code: all but what blocks or ends the process
};

/// How a state is made. Sizes are bytes unless said otherwise.
struct state_options {
  profile offers = profile::sandbox;
  std::size_t memory = 64u << 20; ///< ceiling of what Lua code may hold
  int slice = 10'000;             ///< instructions between two looks
  std::uint64_t pattern_steps = 1'000'000; ///< of one pattern function
  std::size_t string_size = 16u << 20;     ///< of a result of string.rep
  std::size_t source_size = 1u << 20;      ///< of what `load` compiles
  std::size_t sort_size = 100'000;         ///< elements
  std::uint64_t seed = 0; ///< of math.random; 0 in a script: from the clocks
  std::string path;       ///< package.path
  std::string cpath;      ///< package.cpath
  /// Whether a file may be loaded by `require`; none: all may. Thread-safe.
  std::function<result<void>(const std::string& file)> trusted;
  std::function<time_point()> now; ///< monotonic; none: no time is measured
  std::function<wall_time_point()> wall_time;  ///< none: 1970
  std::function<void(std::string_view)> print; ///< gets lines; none: ignored
};

/// How long Lua code may run between two pauses. Zero: without end.
struct budget {
  std::uint64_t instructions = 0;
  std::chrono::nanoseconds time{0};
};

/// What the C functions of a state share. Every thread of the state finds it
/// behind the allocator (Lua 5.2 has no other place). Owned by `state`; layers
/// above lua/ do not touch it.
struct control {
  /// Why the thread that a resume called yielded to us and not to its script.
  enum class reason : std::uint8_t { none, preempted, request };

  explicit control(state_options given) : options(std::move(given)) {
    // nop
  }

  state_options options;
  lua_State* main = nullptr;
  void* owner = nullptr; ///< whoever registered functions: see owner_of()

  // -- memory ------------------------------------------------------------------

  std::size_t used = 0;
  std::size_t large = 0; ///< of it in large blocks: no value is larger
  bool enforced = false; ///< only while Lua code runs

  // -- the present run ---------------------------------------------------------

  lua_State* root = nullptr;    ///< its outermost thread; null: a direct call
  lua_State* running = nullptr; ///< its innermost thread
  reason yielded = reason::none;
  int barriers = 0; ///< C calls of the innermost thread that cannot yield
  int walls = 0;    ///< outer threads that have barriers
  bool in_hook = false;
  errc killed = errc::none; ///< set: nothing in Lua may catch the error
  std::string killed_why;
  int line = 0; ///< of a direct call: where it failed, if known

  // -- its budget --------------------------------------------------------------

  budget allowed;
  std::uint64_t spent = 0;         ///< instructions since the last pause
  std::uint64_t sliced = 0;        ///< instructions of this turn
  std::uint64_t charge = 0;        ///< work of C functions since the last look
  int pace = 0;                    ///< instructions from look to look, now
  time_point looked;               ///< when the last look was
  int resumes = 0;                 ///< of coroutines since the last look
  std::chrono::nanoseconds ran{0}; ///< since the last pause, without this turn
  std::chrono::nanoseconds total{0}; ///< of all runs, without this turn
  time_point turn_began;

  std::uint64_t random = 0; ///< state of math.random

  /// The time of this turn so far; zero outside of one or without a clock.
  std::chrono::nanoseconds turn() const {
    return running && options.now ? options.now() - turn_began
                                  : std::chrono::nanoseconds{0};
  }

  bool over_budget() const {
    return (allowed.instructions != 0 && spent >= allowed.instructions)
           || (allowed.time.count() != 0 && ran + turn() >= allowed.time);
  }
};

/// The control of the state that `L` belongs to.
inline control& control_of(lua_State* L) {
  void* ud = nullptr;
  lua_getallocf(L, &ud);
  return *static_cast<control*>(ud);
}

/// What the maker of the state has set as its owner.
template <class T>
T& owner_of(lua_State* L) {
  return *static_cast<T*>(control_of(L).owner);
}

} // namespace saker::lua
