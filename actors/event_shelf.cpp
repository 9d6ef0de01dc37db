#include "actors/event_shelf.hpp"

#include <algorithm>

namespace saker {

bool event_shelf::store_some(history_store& to) {
  if (!how_.from)
    return false;
  auto some = how_.from->take(batch_size);
  if (some.missed > 0) {
    missed_ += some.missed;
    last_missed_ = some.last_missed;
  }
  auto count = some.events.size();
  if (count == 0)
    return false;
  auto last = some.events.back().id;
  if (missed_ > 0)
    some.events.insert(some.events.begin(), how_.gap(last_missed_, missed_));
  auto ok = to.store(some.events);
  if (ok) {
    missed_ = 0;
    stored_ += count;
  } else {
    missed_ += count;
    last_missed_ = last;
    if (!fails_) // once: there are many
      warn_(ok.error().detail + "; until this works again " + how_.loss);
  }
  fails_ = !ok;
  return some.more;
}

void event_shelf::prune(history_store& from, std::int64_t now) {
  if (!how_.from
      || (pruned_at_ && now - *pruned_at_ < prune_every
          && stored_ < history_store::most_removed / 2))
    return;
  pruned_at_ = now;
  stored_ = 0;
  auto oldest = std::max<std::int64_t>(0, now - how_.keep_time.count());
  auto ok = from.prune({how_.keep_events, static_cast<std::uint64_t>(oldest)});
  if (!ok && !fails_)
    warn_(ok.error().detail);
}

} // namespace saker
