#include "actors/journal.hpp"

#include "messages/error.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace saker {

caf::result<bool> journal_state::want(const wanted_list& what) {
  return answer(links.store->want(what));
}

caf::result<bool> journal_state::set(const setting_list& what) {
  return answer(links.store->set(what));
}

caf::result<bool> journal_state::forget(const std::vector<std::string>& names) {
  return answer(links.store->forget(names));
}

void journal_state::reserve(const supervision::reservation& what) {
  auto ok = links.store->reserve(links.boot, what);
  if (ok) {
    links.sequencer->reserved(what);
  } else {
    links.sequencer->reservation_failed();
    if (!reserve_fails_) // once: it is asked again with each event
      links.warn(ok.error().detail
                 + ": until this works again event ids may go back when the "
                   "machine starts again with a wrong clock");
  }
  reserve_fails_ = !ok;
}

// -- events -----------------------------------------------------------------------

caf::result<past_events>
journal_state::query(const std::vector<std::string>& keys,
                     std::uint32_t count) {
  store_all();
  return answer(links.store->history().last(keys, count));
}

caf::result<past_events>
journal_state::query(const supervision::past_page& asked) {
  store_all();
  return answer(links.store->history().after(asked));
}

void journal_state::store_all() {
  while (store_some()) {
    // nop
  }
}

caf::result<past_events>
journal_state::answer(result<std::vector<past_event>> found) {
  if (!found)
    return to_error(found.error());
  return std::move(*found);
}

/// Between two batches it is the turn of those who wait for an answer.
void journal_state::pump() {
  if (store_some())
    self->send(self, atom::pump_v);
  prune();
}

/// Whether there is more to store.
bool journal_state::store_some() {
  auto some = links.events->take(batch_size);
  if (some.missed > 0) {
    missed_ += some.missed;
    last_missed_ = some.last_missed;
  }
  auto count = some.events.size();
  if (count == 0)
    return false;
  auto last = some.events.back().id;
  if (missed_ > 0)
    some.events.push_back(gap());
  auto ok = links.store->history().store(some.events);
  if (ok) {
    missed_ = 0;
    stored_ += count;
  } else {
    missed_ += count;
    last_missed_ = last;
    if (!store_fails_) // once: there are many
      links.warn(ok.error().detail
                 + "; until this works again what happens is not recorded");
  }
  store_fails_ = !ok;
  return some.more;
}

/// Now and then, but often enough that much cannot gather.
void journal_state::prune() {
  auto now = links.unix_ms();
  if (pruned_at_ && now - *pruned_at_ < prune_every
      && stored_ < history_store::most_removed / 2)
    return;
  pruned_at_ = now;
  stored_ = 0;
  auto oldest = std::max<std::int64_t>(0, now - links.keep_time.count());
  auto ok = links.store->history().prune(
    {links.keep_events, static_cast<std::uint64_t>(oldest)});
  if (!ok && !store_fails_)
    links.warn(ok.error().detail);
}

/// In the place of those that were lost.
past_event journal_state::gap() const {
  nlohmann::ordered_json x;
  x["id"] = to_string(last_missed_);
  x["ts"] = last_missed_.ms;
  x["node"] = links.node;
  x["event"] = "gap";
  x["missed"] = missed_;
  return {last_missed_, {}, "gap", x.dump()};
}

caf::result<bool> journal_state::answer(const result<void>& how) {
  if (how)
    return true;
  links.warn(how.error().detail);
  return to_error(how.error());
}

journal_actor::behavior_type
journal(journal_actor::stateful_pointer<journal_state> self,
        journal_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::want, const wanted_list& what) {
      return self->state.want(what);
    },
    [self](atom::want, const setting_list& what) {
      return self->state.set(what);
    },
    [self](atom::forget, const std::vector<std::string>& names) {
      return self->state.forget(names);
    },
    [self](atom::reserve, const supervision::reservation& what) {
      self->state.reserve(what);
    },
    [self](atom::query, const std::vector<std::string>& keys,
           std::uint32_t count) { return self->state.query(keys, count); },
    [self](atom::query, const supervision::past_page& asked) {
      return self->state.query(asked);
    },
    [self](atom::pump) { self->state.pump(); },
  };
}

} // namespace saker
