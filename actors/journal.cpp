#include "actors/journal.hpp"

#include "actors/audit_text.hpp"
#include "messages/error.hpp"

#include <nlohmann/json.hpp>

namespace saker {

namespace {

using supervision::event_id;

/// In the place of those that were lost.
past_event
event_gap(const std::string& node, const event_id& last, std::uint64_t count) {
  nlohmann::ordered_json x;
  x["id"] = to_string(last);
  x["ts"] = last.ms;
  x["node"] = node;
  x["event"] = "gap";
  x["missed"] = count;
  return {last, {}, "gap", x.dump()};
}

past_event
audit_gap(const std::string& node, const event_id& last, std::uint64_t count) {
  session::audit_entry x;
  x.at += std::chrono::milliseconds{last.ms};
  x.more = count;
  return {last, {}, {}, audit_payload(node, x)};
}

} // namespace

void journal_state::begin(journal_links with) {
  links = std::move(with);
  auto node = links.node;
  shelf_rules x{links.events, links.keep_events, links.keep_time,
                [node](const event_id& last, std::uint64_t count) {
                  return event_gap(node, last, count);
                },
                "what happens is not recorded"};
  events_.emplace(std::move(x), links.warn);
  shelf_rules y{links.audits, links.keep_audits, links.keep_audits_time,
                [node](const event_id& last, std::uint64_t count) {
                  return audit_gap(node, last, count);
                },
                "who does what is not recorded"};
  audits_.emplace(std::move(y), links.warn);
}

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

caf::result<past_events>
journal_state::query(const std::string& user, std::uint32_t count) {
  store_all();
  return answer(links.store->audits().newest(user, count));
}

/// Whoever leaves asks too, so that nothing is left behind.
void journal_state::store_all() {
  events_->store_all(links.store->history());
  audits_->store_all(links.store->audits());
}

caf::result<past_events>
journal_state::answer(result<std::vector<past_event>> found) {
  if (!found)
    return to_error(found.error());
  return std::move(*found);
}

/// Between two batches it is the turn of those who wait for an answer.
void journal_state::pump() {
  auto& store = *links.store;
  auto more = events_->store_some(store.history());
  more = audits_->store_some(store.audits()) || more;
  if (more)
    self->send(self, atom::pump_v);
  auto now = links.unix_ms();
  events_->prune(store.history(), now);
  audits_->prune(store.audits(), now);
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
  self->state.begin(std::move(links));
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
    [self](atom::query, const std::string& user, std::uint32_t count) {
      return self->state.query(user, count);
    },
    [self](atom::pump) { self->state.pump(); },
  };
}

} // namespace saker
