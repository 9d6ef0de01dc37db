#pragma once

#include "supervision/event.hpp"
#include "supervision/note.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::supervision {

/// How a command ended; the numbers are those of the replies.
enum class outcome : std::uint8_t {
  done = 0,
  failed = 1,
  timeout = 2,
  refused = 3,
};

/// What the owner of a machine has to do, in this order.
namespace effect {

/// Give the note to the keeper. Always first.
struct keep {
  note what;
};

/// Start a child under this number (to_spec tells what it shall be).
struct spawn {
  std::uint64_t spawn_id = 0;
};

/// Send a signal to the child or to its group.
struct signal {
  int number = 0;
  kill_scope scope = kill_scope::tree;
  ticket asker = 0; ///< to be answered when it is sent or refused; 0: nobody
  std::string done = {}; ///< … with this text; empty: what was sent
};

/// Run the stop command (to_stop_spec) as a job; how it ends does not matter.
struct run_stop_command {};

/// Run the reload command (to_reload_spec) as a job; event::reloaded tells how
/// it ended. `end_reload_command` kills it: nobody waits any more.
struct run_reload_command {};
struct end_reload_command {};

/// Run the commands of a hook (to_hook_specs), one after the other, for at most
/// `within` together. `before` and `after` are answered by event::hook_ended
/// with this number.
struct run_hook {
  hook_kind which = hook_kind::before;
  std::uint64_t id = 0;
  duration within{};
  cause why;          ///< of `after`, `on_failed`: how the child ended
  std::string reason; ///< likewise, in words
};

/// Kill what that hook runs now; event::hook_ended follows.
struct end_hook {
  std::uint64_t id = 0;
};

/// The only timer: tell event::timer{epoch} at this time. It replaces the one
/// before; nothing = no timer is needed.
struct arm {
  std::optional<time_point> at;
  std::uint64_t epoch = 0;
};

/// Publish an event of interface "Events". `id` is set where the number was
/// taken before; else the publisher takes one.
struct publish {
  std::string_view name; ///< `exit`, `running`…; static text
  std::optional<event_id> id;
  state from = state::stopped;
  state to = state::stopped;
  cause why;
  std::int32_t pid = 0;
  std::optional<duration> uptime; ///< of `exit`, `oom`, `lost`
  std::uint32_t restarts = 0;
  std::uint32_t orphans = 0;
  std::optional<time_point> next_at; ///< when this state ends by itself
  std::string next;                  ///< … and what comes then: `restart`…
  std::string row;                   ///< of the exit table
  std::string reason;
};

/// The end of this child is noted: the keeper may drop its record.
struct acknowledge {
  std::uint64_t spawn_id = 0;
};

/// Answer a command.
struct answer {
  ticket asker = 0;
  outcome code = outcome::done;
  std::string text;
  bool with_output = false; ///< the child's last line of output helps here
};

/// The tree above must decide: this instance has failed for good.
struct escalate {};

/// The exit table asks for the end of all of Saker, with this status.
struct shut_down {
  int code = 0;
};

/// Drop the key in the keeper; then there is nothing more to do, and the
/// machine is of no more use. Always last.
struct forget {};

} // namespace effect

using any_effect = std::variant<
  effect::keep, effect::spawn, effect::signal, effect::run_stop_command,
  effect::run_reload_command, effect::end_reload_command, effect::run_hook,
  effect::end_hook, effect::arm, effect::publish, effect::acknowledge,
  effect::answer, effect::escalate, effect::shut_down, effect::forget>;

using effects = std::vector<any_effect>;

} // namespace saker::supervision
