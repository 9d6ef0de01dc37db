#include "actors/log_interest.hpp"

#include "pubsub/glob.hpp"

namespace saker {

namespace {

constexpr pubsub::subscriber_id all_of_them = 1;

} // namespace

log_interest_state::~log_interest_state() {
  for (auto& [key, x] : sources_)
    stop(x);
}

// -- requests -----------------------------------------------------------------

void log_interest_state::enroll(const std::string& key,
                                const std::string& channel) {
  auto& x = sources_[key];
  if (x.channel == channel)
    return;
  stop(x);
  x.channel = channel;
  review(key, x);
}

void log_interest_state::withdraw(const std::string& key) {
  auto i = sources_.find(key);
  if (i == sources_.end())
    return;
  stop(i->second);
  sources_.erase(i);
}

void log_interest_state::change(const pubsub::topic_change& what) {
  using pubsub::subscription_kind;
  if (what.wanted)
    wanted_.subscribe(all_of_them, what.kind, what.name);
  else
    wanted_.unsubscribe(all_of_them, what.kind, what.name);
  for (auto& [key, x] : sources_)
    if (what.kind == subscription_kind::channel
          ? x.channel == what.name
          : pubsub::glob_match(what.name, x.channel))
      review(key, x);
}

// -- helpers ------------------------------------------------------------------

void log_interest_state::review(const std::string& key, source& x) {
  pubsub::audience who;
  wanted_.find_audience(x.channel, who);
  if (who.size() == 0)
    stop(x);
  else if (!x.log)
    x.log = links.start(key, x.channel);
}

void log_interest_state::stop(source& x) {
  if (auto log = std::exchange(x.log, nullptr))
    caf::anon_send(log, atom::stop_v);
}

// -- behavior -----------------------------------------------------------------

log_interest_actor::behavior_type
log_interest(log_interest_actor::stateful_pointer<log_interest_state> self,
             log_interest_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::enroll, const std::string& key, const std::string& channel) {
      self->state.enroll(key, channel);
    },
    [self](atom::withdraw, const std::string& key) {
      self->state.withdraw(key);
    },
    [self](atom::change, const pubsub::topic_change& what) {
      self->state.change(what);
    },
  };
}

} // namespace saker
