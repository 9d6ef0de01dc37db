#pragma once

#include "base/result.hpp"
#include "supervision/budget.hpp"
#include "supervision/cause.hpp"
#include "supervision/sequencer.hpp"
#include "supervision/states.hpp"
#include "supervision/tally.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// What an instance must remember over the death of the node: the keeper holds
/// it as at most 256 bytes. Also the part of the machine that is state.
struct note {
  static constexpr std::size_t max_size = 256;
  static constexpr std::size_t max_marks = 16;

  state at = state::stopped;
  bool ready = false;
  bool wanted_up = false;
  bool again = false;     ///< in `stopping`: start once more afterwards
  bool leaving = false;   ///< in `stopping`: forget the instance afterwards
  bool half_open = false; ///< on trial after a rest
  bool paused = false;    ///< its processes were sent SIGSTOP
  bool dropped = false;   ///< left alone
  bool idle = false;      ///< in `stopped`: reset; wanted up, but not started

  std::uint64_t spawn_id = 0;    ///< the last child; 0: never had one
  std::uint64_t ended_spawn = 0; ///< whose end is the last one dealt with
  event_id ended_event;          ///< … and told under this number
  std::int32_t pid = 0;          ///< 0: no child, or exec not confirmed

  time_point since{};                 ///< in this state
  std::optional<time_point> started;  ///< exec of the present child confirmed
  std::optional<time_point> deadline; ///< of this state
  std::uint32_t rung = 0;             ///< the next step of the stop ladder

  std::uint32_t restarts = 0; ///< automatic ones, ever
  tally recent;               ///< … in the last hour
  std::uint32_t backoff_step = 0;
  std::vector<budget::mark> marks;

  cause pending; ///< in `stopping`: why it was put there, if by us
  cause last;    ///< how the last child ended
  std::optional<time_point> last_at;

  std::string reason; ///< for people; cut where bytes are short

  bool operator==(const note&) const = default;
};

/// As bytes for the keeper, never more than note::max_size. Times become
/// CLOCK_BOOTTIME: `boot_offset` is that clock minus the steady one. Stamps of
/// the budget are kept in milliseconds and, when bytes are short, merged; the
/// reason is cut.
std::string encode(const note& x, time_point now, duration boot_offset);

/// The opposite. Fails: `corrupt`, for bytes of another version too.
result<note> decode(std::string_view bytes, duration boot_offset);

} // namespace saker::supervision
