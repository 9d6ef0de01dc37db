#pragma once

#include "supervision/cause.hpp"
#include "supervision/sequencer.hpp"
#include "supervision/service.hpp"
#include "supervision/states.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace saker::supervision {

/// Somebody who waits for an answer: a number that only the asker understands,
/// never given twice. 0 is nobody.
using ticket = std::uint64_t;

/// Whose wish it was, and when: shown by SVSTATUS, never decided upon.
struct stamp {
  std::string by;
  std::int64_t at = 0; ///< Unix time in milliseconds

  bool operator==(const stamp&) const = default;
};

/// What can be told to a machine. The commands come first; each of them that
/// has a `ticket` is answered exactly once (effect::answer).
namespace event {

/// Wanted up. Answered when the child has lived for 100 ms after exec, at the
/// latest after 5 s; with `wait` when it is `running`.
struct start {
  stamp who;
  ticket asker = 0;
  std::optional<duration> wait = {};
};

/// Wanted down. Answered at once; with `wait` when no child is left.
struct stop {
  stamp who;
  ticket asker = 0;
  std::optional<duration> wait = {};
};

/// Stop, then start with budget and backoff cleared; answered as a start. With
/// `only_if_up` nothing happens where no child runs, or it is being stopped.
struct restart {
  stamp who;
  ticket asker = 0;
  std::optional<duration> wait = {};
  bool only_if_up = false;
  bool strict = false; ///< an early end is a failure, `wait` or not
};

/// Sends a signal.
struct signal {
  int number = 0;
  kill_scope scope = kill_scope::leader;
  ticket asker = 0;
};

/// Clears failed, budget and backoff; starts nothing. What had failed is
/// `stopped` then, until somebody starts it or Saker starts again.
struct reset {
  ticket asker = 0;
  stamp who = {};
};

/// Holds all processes of the child (SIGSTOP), and lets them go on (SIGCONT).
/// What checks say meanwhile does not count. A stop lets them go on first.
struct pause {
  stamp who;
  ticket asker = 0;
};
struct cont {
  ticket asker = 0;
};

/// Makes the service reload itself, by the signal or command of its
/// definition. A command is waited for, `wait` or machine::reload_patience.
struct reload {
  ticket asker = 0;
  std::optional<duration> wait = {};
};

/// The reload command has ended.
struct reloaded {
  bool ok = false;
  std::string text; ///< for people
};

/// From now on the child is left alone and not started again, until a start,
/// a stop or a restart. Saker's own end ends it all the same.
struct drop {
  stamp who;
  ticket asker = 0;
};

/// Asks the keeper whether the child lives, and says whether all is as wanted.
struct check {
  ticket asker = 0;
};

/// Answers when the instance is in one of the states, at once or later.
struct wait {
  std::vector<state> states;
  duration patience{};
  ticket asker = 0;
};

/// A new definition. `restart` says that the running child does not fit it
/// (plan.hpp tells).
struct change {
  std::shared_ptr<const service> definition;
  bool restart = false;
  std::string why = {}; ///< told of what `restart` ends
};

/// The service, or this instance of it, is no longer defined.
struct remove {
  stamp who;
};

/// Saker ends: stop, but what is wanted does not change. No start is taken any
/// more.
struct shutdown {};

/// Saker ends, and has this much time left: ladders become shorter.
struct hurry {
  duration left{};
};

/// exec has succeeded; of a daemon: its process is known. `started`: when;
/// nothing = now. `found`: it had been running before.
struct spawned {
  std::uint64_t spawn_id = 0;
  std::int32_t pid = 0;
  std::optional<time_point> started = {};
  bool found = false;
};

/// A daemon goes on as another process, after an upgrade for example.
struct moved {
  std::uint64_t spawn_id = 0;
  std::int32_t pid = 0;
  std::optional<time_point> started = {};
};

/// The process of a daemon could not be found within the start timeout.
struct absent {
  std::uint64_t spawn_id = 0;
  std::string why; ///< for people
};

/// A step before or at exec failed; no child is left.
struct refused {
  std::uint64_t spawn_id = 0;
  std::string step; ///< `exec`, `chdir`…
  int error = 0;    ///< errno
  std::string path;
  std::string hint = {}; ///< what more is known
};

/// The child is gone. `id` is the number under which that will be published;
/// the caller takes it from the sequencer before it tells. A second telling of
/// the same end uses the number of the first.
struct exited {
  std::uint64_t spawn_id = 0;
  cause why;
  event_id id;
  std::optional<time_point> ended = {};
  std::uint32_t orphans = 0; ///< descendants that had to be killed
  std::uint32_t spared = 0;  ///< … and that live on
};

/// The commands of a hook are over: all have succeeded, or `why` tells how the
/// first that has not ended, and `detail` says it in words.
struct hook_ended {
  std::uint64_t id = 0;
  cause why = {};
  std::string detail = {};
};

/// The readiness check (not for `up("0s")`, which this layer does itself).
struct ready {};
struct unready {};

/// The liveness check.
struct weak {};
struct unhealthy {};

/// The time of effect::arm has come.
struct timer {
  std::uint64_t epoch = 0;
};

} // namespace event

using any_event
  = std::variant<event::start, event::stop, event::restart, event::signal,
                 event::reset, event::pause, event::cont, event::reload,
                 event::reloaded, event::drop, event::check, event::wait,
                 event::change, event::remove, event::shutdown, event::hurry,
                 event::spawned, event::moved, event::absent, event::refused,
                 event::exited, event::ready, event::unready, event::weak,
                 event::unhealthy, event::hook_ended, event::timer>;

} // namespace saker::supervision
