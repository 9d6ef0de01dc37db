#pragma once

#include "supervision/event.hpp"
#include "supervision/note.hpp"
#include "supervision/service.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace saker::supervision {

/// A snapshot of one instance: a row of SVSTATUS. It says true things at any
/// later time too, until the next snapshot: times are points, not ages.
struct status {
  instance who;
  state at = state::stopped;
  bool ready = false;
  bool wanted_up = false;
  bool dropped = false; ///< left alone
  bool paused = false;
  stamp wanted_by; ///< empty `by`: the definition's autostart
  std::int32_t pid = 0;
  time_point since{};
  std::int64_t since_ms = 0; ///< the same on the wall clock; see since_unix
  std::optional<time_point> started; ///< of the present child
  std::uint32_t restarts = 0;
  tally recent;
  std::uint32_t in_budget = 0; ///< unexpected ends in the budget's window
  std::uint32_t budget = 0;    ///< … and how many are allowed; 0: any number
  cause last;
  std::optional<time_point> last_at;
  std::string row; ///< of the exit table, for `last`
  std::optional<time_point> next_at;
  std::string next; ///< `restart`, `SIGKILL`…; see next_text
  std::string reason;
  std::string where;        ///< file:line of the definition
  std::uint64_t number = 0; ///< of this snapshot; later ones have higher ones
};

/// How long the present child has been running; zero without one.
duration uptime(const status& x, time_point now);

/// `since` as Unix milliseconds: what was noted, so that it stays the same from
/// look to look; else reckoned from the wall clock at `now`.
std::int64_t since_unix(const status& x, time_point now, std::int64_t wall);

/// `restart in 12s`, `SIGKILL in 8s`; nothing when nothing is pending.
std::optional<std::string> next_text(const status& x, time_point now);

/// `exit 1`, `SIGSEGV`; nothing when no child has ended yet.
std::optional<std::string> last_exit_text(const status& x);

} // namespace saker::supervision
