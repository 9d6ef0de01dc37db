#pragma once

#include "base/result.hpp"
#include "lua/command.hpp"
#include "lua/convert.hpp"
#include "lua/host.hpp"
#include "resp/value.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// Names a task; unique for the life of its script, never 0.
using task_id = std::uint64_t;

/// Why a task runs.
enum class task_kind : std::uint8_t {
  load,    ///< the text of the file itself
  once,    ///< PROP_ONCE, after the file
  cycle,   ///< PROP_CYCLE
  defer,   ///< PROP_DEFER, at the end
  command, ///< a call
  timer,   ///< saker.every, after, cron
  message, ///< saker.subscribe
};

std::string_view to_string(task_kind x) noexcept;

struct script_options {
  std::string name;     ///< the file, as errors and logs show it
  state_options engine; ///< memory, slice, paths; clocks are the host's
  budget allowed{0, std::chrono::seconds{1}}; ///< between two pauses
  std::chrono::nanoseconds interval = std::chrono::seconds{5}; ///< of cycles
  std::size_t tasks = 10'000;                                  ///< at once
  std::size_t timers = 1'000;      ///< of every, after and cron, at once
  std::size_t subscriptions = 100; ///< at once
  reply_limits reply;
};

/// A task that has ended.
struct finished_task {
  task_id id = 0;
  task_kind kind = task_kind::command;
  std::string alias; ///< the chunk's name for `load`
  /// Fails: script_error (message and traceback), busy, out_of_memory.
  result<resp::value> value;
  std::chrono::nanoseconds run_time{0};
};

/// Messages that have left the queue: begun, or their subscription is closed.
struct taken_messages {
  std::size_t count = 0;
  std::size_t bytes = 0; ///< of channels and texts
};

/// What one step brought.
struct step_result {
  std::vector<finished_task> finished;
  bool ready = false;     ///< more can be done now: step again
  bool commands = false;  ///< commands() has changed
  bool exhausted = false; ///< its live data fill the memory: restart it
  taken_messages taken;   ///< for who bounds the queue
};

/// One row of TASKS.
struct task_info {
  std::string alias;
  property when = property::passivity;
  std::string state;     ///< idle, ready, sleeping, waiting
  std::size_t tasks = 0; ///< that run or wait now
  std::uint64_t runs = 0;
  std::uint64_t errors = 0;
  std::string last_error; ///< its first line
  std::chrono::nanoseconds run_time{0};
  std::optional<time_point> next; ///< of a cycle that is idle
};

/// A script file at work, without threads, clock and I/O: it is told what
/// happened and the time, and does at most one slice of work per step. Its
/// tasks are coroutines of one Lua state that share its globals; each waits
/// for its turn, for time, or for an answer of the host.
///
/// | property       | runs                                                   |
/// |----------------|--------------------------------------------------------|
/// | PROP_ONCE      | when the file has run; then like PROP_PASSIVITY        |
/// | PROP_CYCLE     | when the file has run, and `every` after each end      |
/// | PROP_PASSIVITY | when called; so do all others                          |
/// | PROP_DEFER     | at begin_defer()                                       |
///
/// An alias that is called like a built-in command is refused at once.
///
/// Tasks that run by themselves report their errors by host::log too. A task
/// that runs too long or needs too much memory ends; the others go on.
///
/// Not for several threads at once, but for one after the other; a step does
/// not return while a C function works.
class script {
public:
  /// `environment` must outlive the script, which forgets its open requests
  /// when it dies.
  script(host& environment, script_options options);
  ~script();
  script(const script&) = delete;
  script& operator=(const script&) = delete;

  /// Begins the text of the file as a task. Fails: errc::syntax.
  result<task_id> load(std::string_view chunk, std::string_view text);

  /// Begins the function behind an alias (exact) as a task. It gets one table
  /// with the arguments. A reply for a RESP2 client has no fractions. Fails:
  /// not_found, invalid_argument (their number), busy (too many tasks).
  result<task_id>
  call(std::string_view alias, std::vector<std::string> arguments,
       resp::protocol dialect = resp::protocol::resp2);

  /// Begins all PROP_DEFER functions; returns their tasks.
  std::vector<task_id> begin_defer();

  /// Runs at most one slice of the next task that is ready.
  step_result step(time_point now);

  /// When to step again if nothing is ready: a sleep or cycle is due.
  std::optional<time_point> next_wake() const;

  /// Gives the answer to a request of the host; unknown ones are ignored.
  void answer(request_id id, resp::value x);
  void answer(request_id id, exec_result x);
  void answer(request_id id, chore_result x);
  void answer(request_id id, failure why);

  /// Queues a message for a subscription; its function runs for one after the
  /// other. `missed` messages before it were dropped. Whoever calls this bounds
  /// the queue by `step_result::taken`: what comes for a subscription that is
  /// closed counts as taken.
  void deliver(callback_id id, std::string channel, std::string text,
               std::uint64_t missed = 0);

  /// Ends a task at once; it is not reported as finished. False if it is
  /// gone. Not during a step.
  bool cancel(task_id id);

  /// Removes an alias, as the script itself may: what runs goes on. False if
  /// there is none. Not during a step.
  bool unregister(std::string_view alias);

  /// What is registered, by alias.
  std::vector<command_spec> commands() const;

  /// For TASKS: one row for each alias.
  std::vector<task_info> tasks() const;

  /// Bytes of the Lua state.
  std::size_t memory() const noexcept;

private:
  class engine;
  std::unique_ptr<engine> engine_;
};

} // namespace saker::lua
