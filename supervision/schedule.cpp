#include "supervision/schedule.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds small_step = 3h;

cron::time_point
next_time(const calendar& x, cron::time_point after, const wall_clock& clock) {
  // It comes within years: the reader of definitions has seen to it.
  return x.times.next(after, clock.zone).value_or(after + 24h * 365);
}

cron::time_point seconds_at(time_point x, const wall_clock& clock) {
  return std::chrono::floor<std::chrono::seconds>(clock.shown_at(x));
}

} // namespace

appointment
next_run(const schedule& x, time_point began, time_point now,
         std::optional<cron::time_point> kept, const wall_clock& clock) {
  if (!x.at) {
    auto passed = std::max(duration{now - began}, duration::zero());
    return {began + (passed / x.every + 1) * x.every, std::nullopt};
  }
  auto from = seconds_at(now, clock);
  if (kept && *kept > from && *kept - from < small_step)
    from = *kept;
  auto shown = next_time(*x.at, from, clock);
  return {now + (shown - clock.shown_at(now)), shown};
}

bool missed_one(const schedule& x, time_point began, time_point now,
                const wall_clock& clock) {
  if (!x.at)
    return now - began >= x.every;
  return next_time(*x.at, seconds_at(began, clock), clock)
         <= seconds_at(now, clock);
}

} // namespace saker::supervision
