#pragma once

#include "base/cron.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace saker::supervision {

/// Times of the wall clock.
struct calendar {
  std::string text; ///< as written: `30 4 * * *`
  cron times;

  bool operator==(const calendar& x) const {
    return text == x.text;
  }
};

/// When a service is to be started again and again.
struct schedule {
  /// What happens if its time comes and it still runs.
  enum class overlap_rule : std::uint8_t {
    skip,  ///< that time is left out
    queue, ///< it is started once more as soon as it has ended
    kill,  ///< it is stopped, then started anew
  };

  duration every{}; ///< from start to start; 0: not
  std::optional<calendar> at;
  overlap_rule overlap = overlap_rule::skip;

  bool operator==(const schedule&) const = default;

  /// Is there one at all?
  explicit operator bool() const noexcept {
    return every > duration::zero() || at;
  }
};

/// The clock on the wall, given from outside.
struct wall_clock {
  std::function<std::chrono::sys_time<std::chrono::milliseconds>(time_point)>
    shown_at;
  utc_offset zone; ///< of local time
};

/// The next time of a schedule, and of `cron` what the clock shows then.
struct appointment {
  time_point at{};
  std::optional<cron::time_point> shown;

  bool operator==(const appointment&) const = default;
};

/// When the next run is due, `began` being the start of the last one. `kept` is
/// the time for which that was: after a clock that was set back by less than
/// three hours it does not come twice.
appointment
next_run(const schedule& x, time_point began, time_point now,
         std::optional<cron::time_point> kept, const wall_clock& clock);

/// Did a time of the schedule pass while it ran?
bool missed_one(const schedule& x, time_point began, time_point now,
                const wall_clock& clock);

} // namespace saker::supervision
