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

sequencer::sequencer(std::uint64_t reserved, std::uint64_t until,
                     std::function<void(std::uint64_t)> reserve)
  : reserve_(std::move(reserve)), last_{reserved + 1, 0},
    until_(std::max(until, reserved + 1)) {
  // nop
}

event_id sequencer::next(std::uint64_t now) {
  event_id result;
  std::uint64_t ask = 0;
  {
    std::lock_guard guard{mutex_};
    auto ms = std::min(now, until_);
    if (ms > last_.ms)
      last_ = {ms, 0};
    else
      ++last_.seq;
    result = last_;
    if (!asked_ && now + reserve_margin > until_) {
      asked_ = true;
      ask = std::max(now, until_) + reserve_ahead;
    }
  }
  if (ask != 0)
    reserve_(ask);
  return result;
}

void sequencer::reserved_until(std::uint64_t ms) {
  std::lock_guard guard{mutex_};
  until_ = std::max(until_, ms);
  asked_ = false;
}

void sequencer::reservation_failed() {
  std::lock_guard guard{mutex_};
  asked_ = false;
}

} // namespace saker::supervision
