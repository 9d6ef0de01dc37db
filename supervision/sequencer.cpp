#include "supervision/sequencer.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::supervision {

std::string to_string(const event_id& x) {
  return std::to_string(x.ms) + '-' + std::to_string(x.seq);
}

std::optional<event_id> parse_event_id(std::string_view x) {
  auto parts = split(x, '-');
  if (parts.size() != 2)
    return std::nullopt;
  auto ms = parse_integer(parts[0]);
  auto seq = parse_integer(parts[1]);
  if (!ms || !seq || *ms < 0 || *seq < 0)
    return std::nullopt;
  return event_id{static_cast<std::uint64_t>(*ms),
                  static_cast<std::uint64_t>(*seq)};
}

namespace {

/// No number with this reservation is above it.
std::uint64_t ceiling(const reservation& x, std::uint64_t since_boot) {
  return x.line != 0 ? x.line + since_boot : x.until;
}

/// Above those of a run before, which had what is `found` and has ended since.
std::uint64_t floor_of(const reservation& found, std::uint64_t since_boot) {
  return ceiling(found, since_boot) + (found.line != 0 ? 0 : 1);
}

std::uint64_t line_through(std::uint64_t unix_time, std::uint64_t since_boot) {
  return unix_time - std::min(unix_time, since_boot);
}

/// The clocks are not read at the same instant.
constexpr std::uint64_t rounding = 1;

} // namespace

reservation sequencer::first(const reservation& found, clocks now) {
  auto floor = floor_of(found, now.since_boot);
  auto line = std::max(line_through(now.unix_time, now.since_boot) + rounding,
                       line_through(floor, now.since_boot));
  return {
    std::max(line, found.line),
    std::max(std::max(floor, now.unix_time) + reserve_ahead, found.until)};
}

sequencer::sequencer(const reservation& found, const reservation& held,
                     std::function<void(const reservation&)> reserve,
                     std::function<std::uint64_t()> since_boot)
  : reserve_(std::move(reserve)),
    since_boot_(std::move(since_boot)), last_{floor_of(found, since_boot_()),
                                              0},
    held_(held) {
  // nop
}

event_id sequencer::next(std::uint64_t now) {
  auto since_boot = since_boot_();
  event_id result;
  std::optional<reservation> ask;
  {
    std::lock_guard guard{mutex_};
    auto limit = ceiling(held_, since_boot);
    auto ms = std::min(now, limit);
    if (ms > last_.ms)
      last_ = {ms, 0};
    else
      ++last_.seq;
    result = last_;
    if (!asked_ && (now > limit || now + reserve_margin > held_.until)) {
      asked_ = true;
      ask = reservation{
        std::max(held_.line, line_through(now, since_boot) + rounding),
        std::max(now + reserve_ahead, held_.until)};
    }
  }
  if (ask)
    reserve_(*ask);
  return result;
}

void sequencer::reserved(const reservation& x) {
  std::lock_guard guard{mutex_};
  held_.line = std::max(held_.line, x.line);
  held_.until = std::max(held_.until, x.until);
  asked_ = false;
}

void sequencer::reservation_failed() {
  std::lock_guard guard{mutex_};
  asked_ = false;
}

} // namespace saker::supervision
