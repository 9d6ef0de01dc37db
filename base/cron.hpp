#pragma once

#include "base/result.hpp"

#include <bitset>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace saker {

/// How far local time is ahead of UTC at a moment; negative west of Greenwich.
using utc_offset
  = std::function<std::chrono::seconds(std::chrono::sys_seconds)>;

/// The offset of the time zone of this process.
std::chrono::seconds local_offset(std::chrono::sys_seconds at);

/// A schedule as in crontab(5): minute, hour, day of month, month, day of
/// week, in local time. Fields are `*`, numbers, ranges `a-b`, steps `*/n` and
/// `a-b/n`, lists of them; months and days also by name (`jan`, `mon`), Sunday
/// is 0 or 7. If both days are restricted (do not begin with `*`), either of
/// them is enough. `@hourly @daily @weekly @monthly @yearly` are short forms.
///
/// When clocks are put forward or back:
///
/// | minute or hour begins with `*` | each matching minute that is there     |
/// | else, local time is skipped    | once, at the end of the gap            |
/// | else, local time comes twice   | the first time only                    |
class cron {
public:
  using time_point = std::chrono::sys_seconds;

  /// Fails: errc::syntax, naming the field; also for days that never come.
  static result<cron> parse(std::string_view text);

  /// The first due time after `after`; nothing if none comes in 50 years.
  std::optional<time_point>
  next(time_point after, const utc_offset& zone = local_offset) const;

private:
  bool matches(std::chrono::year_month_day day) const;
  bool month_is_possible() const;
  std::optional<std::chrono::minutes> first_at(std::chrono::minutes from) const;
  std::optional<time_point>
  next_by_elapsed(time_point after, const utc_offset& zone) const;
  std::optional<time_point>
  next_by_clock(time_point after, const utc_offset& zone) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = false;     ///< the day of month begins with `*`
  bool any_weekday_ = false; ///< likewise
  bool wildcard_ = false;    ///< minute or hour begins with `*`
};

/// Tells when a schedule is due, whatever happens to the wall clock. Ask at
/// least once a minute: a clock that was set is noticed then.
///
/// | the clock was set             | then                                      |
/// |-------------------------------|-------------------------------------------|
/// | forward, over due times       | due once, at once                         |
/// | back by three hours or less   | nothing is due twice: it waits            |
/// | back by more                  | the schedule is looked at anew            |
class cron_clock {
public:
  cron_clock(cron when, cron::time_point now, utc_offset zone = local_offset);

  /// Whether it is due; if so, the next time is chosen.
  bool due(cron::time_point now);

  /// The next due time; nothing: never again.
  std::optional<cron::time_point> next() const noexcept {
    return next_;
  }

  /// How long until `due` should be asked: at most a minute.
  std::chrono::seconds wait(cron::time_point now) const noexcept;

private:
  cron when_;
  utc_offset zone_;
  std::optional<cron::time_point> next_;
  cron::time_point looked_;
};

} // namespace saker
