#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker::supervision {

/// Where an instance stands. The numbers are stored in notes: only append.
enum class state : std::uint8_t {
  stopped = 0,  ///< no child, and none is wanted
  waiting = 1,  ///< wants a child, but something has to happen first
  starting = 2, ///< a child was asked for, or is there but not ready
  running = 3,  ///< ready
  sick = 4,     ///< runs, but its liveness check fails
  stopping = 5, ///< on the stop ladder
  backoff = 6,  ///< will be restarted when a timer ends
  resting = 7,  ///< budget spent; one try when a timer ends
  done = 8,     ///< finished, as its exit table says
  failed = 9,   ///< needs a human
  stuck = 10,   ///< survived the end of its ladder
  lost = 11,    ///< what was known as the child is no longer that process
  adopted = 12, ///< found again, and not yet known to be ready
};

inline constexpr std::size_t state_count = 13;

/// What can happen to an instance.
enum class stimulus : std::uint8_t {
  // commands
  start,
  stop,
  restart,
  signal,
  reset,
  pause,    ///< hold the processes
  cont,     ///< let them go on
  reload,   ///< make the service reload itself
  drop,     ///< look after it no more, leave its process alone
  change,   ///< a new definition that fits the running child
  replace,  ///< a new definition that needs a new child
  remove,   ///< the service is no longer defined
  shutdown, ///< Saker ends
  hurry,    ///< Saker ends, and somebody is impatient
  // the world
  spawned, ///< exec succeeded
  refused, ///< a step before or at exec failed
  exited,  ///< the child is gone
  ready,
  unready,   ///< not ready in time
  weak,      ///< a liveness check failed, fewer times than allowed
  unhealthy, ///< … as often as allowed
  prepared,  ///< what is to be done before a start is done
  cleared,   ///< … after an end
  timer,     ///< the time of this state is over
};

inline constexpr std::size_t stimulus_count = 24;

/// What is done about it; to_string says it in words.
enum class reaction : std::uint8_t {
  ignore,
  launch,
  join,
  rise_again,
  stay_down,
  lie_down,
  end,
  end_again,
  end_leave,
  leave_after,
  leave,
  pass_signal,
  no_child,
  is_ending,
  forgive,
  lapse,
  start_over,
  hold,
  go_on,
  renew,
  let_be,
  take_on,
  take_on_retry,
  take_on_again,
  compress,
  come_up,
  come_late,
  judge,
  settle,
  become_ready,
  weaken,
  give_up_on,
  overdue,
  next_rung,
  take_turn,
  go,
  retire,
  proceed,
  conclude,
};

/// The total table: what `happens` does to an instance that is `in`. The only
/// place where the two meet; the machine does what stands here.
reaction react(state in, stimulus happens) noexcept;

/// As users write them: `stopped`, `running`…
std::string_view to_string(state x) noexcept;
std::string_view to_string(stimulus x) noexcept;

/// The reaction in words, for the printed table.
std::string_view to_string(reaction x) noexcept;

/// Case does not matter.
std::optional<state> parse_state(std::string_view x) noexcept;

/// May there be a process in this state?
bool has_child(state x) noexcept;

/// Does the child do its work: `running`, `sick`, `adopted`?
bool is_up(state x) noexcept;

/// The table as Markdown, without what is ignored: it stands in docs/states.md,
/// and a test compares the two.
std::string state_table();

} // namespace saker::supervision
