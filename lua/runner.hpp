#pragma once

#include "base/result.hpp"
#include "lua/reference.hpp"
#include "lua/state.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace saker::lua {

/// One outermost coroutine and what it has used up since its last pause.
struct thread {
  lua_State* L = nullptr;
  reference anchor;
  std::uint64_t spent = 0;
  std::chrono::nanoseconds ran{0};   ///< since the last pause
  std::chrono::nanoseconds total{0}; ///< since it began
};

/// How a turn of a thread ended.
struct turn {
  enum class outcome : std::uint8_t {
    paused, ///< its slice is over: resume it without values
    asked,  ///< it asked the host for something: resume it with the answer
    done,   ///< it returned; `results` values are on top of its stack
    failed, ///< an error, or its budget is spent: see `why`
  };

  outcome what = outcome::failed;
  int results = 0;
  failure why; ///< message and traceback
};

/// Runs the threads of one state, one slice at a time. Threads are reused, but
/// only after a good end: an ended one may hold anything.
class runner {
public:
  runner(state& engine, budget allowed);

  /// An empty thread: push a function and its arguments, then resume it.
  thread acquire();

  /// Gives a thread back that is done; its stack is emptied.
  void release(thread x);

  /// Runs `x` until its slice is over or something else happens. The top
  /// `values` of its stack are arguments or the answer.
  turn resume(thread& x, int values);

private:
  turn judge(thread& x, int status);
  turn end(thread& x, failure why);

  static constexpr std::size_t most_idle = 16;

  state& engine_;
  budget allowed_;
  std::vector<thread> idle_;
};

} // namespace saker::lua
