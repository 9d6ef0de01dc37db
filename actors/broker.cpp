#include "actors/broker.hpp"

#include "acl/service_channels.hpp"
#include "actors/stopwatch.hpp"
#include "pubsub/figures.hpp"

namespace saker {

// -- subscriptions ------------------------------------------------------------------

void broker_state::subscribe(const subscriber_actor& who,
                             const session::subscribe& what) {
  auto id = id_of(who);
  for (auto& x : what.names)
    exchange_.subscribe(id, what.kind, x, what.protocol);
  count();
}

void broker_state::subscribe(const subscriber_actor& who,
                             const session::unsubscribe& what) {
  auto id = id_of(who);
  for (auto& x : what.names)
    exchange_.unsubscribe(id, what.kind, x);
  finish(who, id, what.id);
}

void broker_state::subscribe(const subscriber_actor& who,
                             const session::unsubscribe_all& what) {
  auto id = id_of(who);
  exchange_.unsubscribe_all(id);
  finish(who, id, what.id);
}

void broker_state::subscribe(const subscriber_actor& who,
                             const session::switch_protocol& what) {
  auto id = id_of(who);
  auto frames = exchange_.flush_one(id);
  exchange_.switch_protocol(id, what.protocol);
  hand_over(id, std::move(frames));
  self->send(who, atom::report_v, what.id);
}

void broker_state::withdraw(const caf::actor_addr& who) {
  mesh_->withdraw(who);
  tell_demand(pubsub::demand::elsewhere, mesh_->take_changes());
  auto i = ids_.find(who);
  if (i == ids_.end())
    return;
  exchange_.drop(i->second);
  subscribers_.erase(i->second);
  ids_.erase(i);
  count();
}

// -- messages -------------------------------------------------------------------------

void broker_state::publish(const subscriber_actor& who,
                           const session::publish_batch& what) {
  auto& statistics = links.figures->statistics;
  auto began = statistics.now();
  receiver_counts counts;
  counts.reserve(what.size());
  what.for_each(
    [&](session::publish_batch::message x) { counts.push_back(hand_out(x)); });
  // The reply goes first: whoever hears itself hears it after the count.
  self->send(who, atom::report_v, what.id, std::move(counts));
  want_turn();
  statistics.helped(resp::command_id::publish, statistics.now() - began);
}

void broker_state::emit(const std::string& channel,
                        const shared_bytes& payload) {
  hand_out({channel, *payload});
  want_turn();
}

void broker_state::emit(const session::publish_batch& what) {
  what.for_each([this](session::publish_batch::message x) { hand_out(x); });
  want_turn();
}

void broker_state::show(const std::string& lines) {
  exchange_.show(lines);
  want_turn();
}

// -- other nodes ----------------------------------------------------------------------

void broker_state::attach(const mesh_actor& who) {
  mesh_->attach(who);
}

void broker_state::announced(const mesh_actor& who,
                             const pubsub::interest& what) {
  mesh_->announced(who, what);
  tell_demand(pubsub::demand::elsewhere, mesh_->take_changes());
}

void broker_state::from_afar(const session::publish_batch& what) {
  // For this node only: the other one tells everybody itself.
  what.for_each([this](session::publish_batch::message x) {
    auto count = exchange_.publish(x.channel, x.payload, x.kind);
    links.figures->delivered.add(static_cast<std::int64_t>(count));
  });
  want_turn();
}

resp::value broker_state::call(const command_call& what) {
  auto& asked = what.what;
  return pubsub::pubsub_reply(
    exchange_.subscriptions(), asked.args, [&asked](std::string_view name) {
      return acl::may_know_of(asked.rights, asked.services, name);
    });
}

void broker_state::deliver() {
  pumping_ = false;
  exchange_.flush([this](pubsub::subscriber_id to, frame_list&& frames) {
    hand_over(to, std::move(frames));
  });
  mesh_->flush();
}

void broker_state::begin(broker_links with) {
  links = std::move(with);
  mesh_.emplace(self, exchange_, links.interest);
}

void broker_state::at_end_of_turn() {
  deliver();
}

// -- helpers ----------------------------------------------------------------------------

pubsub::subscriber_id broker_state::id_of(const subscriber_actor& who) {
  auto [i, is_new] = ids_.try_emplace(who.address(), last_id_ + 1);
  if (is_new) {
    ++last_id_;
    subscribers_.emplace(last_id_, who);
    self->monitor(who);
  }
  return i->second;
}

void broker_state::hand_over(pubsub::subscriber_id to, frame_list frames) {
  if (frames.empty())
    return;
  if (auto i = subscribers_.find(to); i != subscribers_.end())
    self->send(i->second, atom::deliver_v, std::move(frames));
}

void broker_state::finish(const subscriber_actor& who, pubsub::subscriber_id id,
                          session::request_id request) {
  hand_over(id, exchange_.flush_one(id));
  self->send(who, atom::report_v, request);
  count();
}

/// To all who listen, here and elsewhere; returns how many these are.
std::int64_t broker_state::hand_out(session::publish_batch::message x) {
  auto here = static_cast<std::int64_t>(
    exchange_.publish(x.channel, x.payload, x.kind));
  links.figures->published.add();
  links.figures->delivered.add(here);
  return here + static_cast<std::int64_t>(mesh_->publish(x));
}

void broker_state::want_turn() {
  if (!exchange_.pending() && !mesh_->pending())
    return;
  if (links.turn)
    return links.turn->defer(io::stage::join, *this);
  if (!pumping_) {
    pumping_ = true;
    self->send(self, atom::pump_v);
  }
}

/// Output of children is read while somebody wants it, here or elsewhere.
void broker_state::tell_demand(
  pubsub::demand::source by, const std::vector<pubsub::topic_change>& changes) {
  for (auto& x : changes)
    if (output_.change(by, x) && links.log_interest)
      links.log_interest(x);
}

void broker_state::count() {
  auto& all = exchange_.subscriptions();
  links.figures->channels.set(static_cast<std::int64_t>(all.channel_count()));
  links.figures->patterns.set(static_cast<std::int64_t>(all.pattern_count()));
  links.figures->shards.set(static_cast<std::int64_t>(all.shard_count()));
  if (links.monitored)
    links.monitored->store(all.monitored(), std::memory_order_relaxed);
  tell_demand(pubsub::demand::here, exchange_.take_changes());
  mesh_->review();
  want_turn();
}

// -- behavior -----------------------------------------------------------------------------

mesh_broker_actor::behavior_type
broker(mesh_broker_actor::stateful_pointer<broker_state> self,
       broker_links links) {
  self->state.begin(std::move(links));
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.withdraw(x.source); });
  return {
    [self](atom::call, const command_call& what) {
      stopwatch time{what};
      return self->state.call(what);
    },
    [self](atom::subscribe, const subscriber_actor& who,
           const session::subscribe& what) {
      self->state.subscribe(who, what);
    },
    [self](atom::subscribe, const subscriber_actor& who,
           const session::unsubscribe& what) {
      self->state.subscribe(who, what);
    },
    [self](atom::subscribe, const subscriber_actor& who,
           const session::unsubscribe_all& what) {
      self->state.subscribe(who, what);
    },
    [self](atom::subscribe, const subscriber_actor& who,
           const session::switch_protocol& what) {
      self->state.subscribe(who, what);
    },
    [self](atom::withdraw, const subscriber_actor& who) {
      self->state.withdraw(who.address());
    },
    [self](atom::publish, const subscriber_actor& who,
           const session::publish_batch& what) {
      self->state.publish(who, what);
    },
    [self](atom::emit, const std::string& channel, const shared_bytes& what) {
      self->state.emit(channel, what);
    },
    [self](atom::emit, const session::publish_batch& what) {
      self->state.emit(what);
    },
    [self](atom::tell, const std::string& lines) { self->state.show(lines); },
    [self](atom::pump) { self->state.deliver(); },
    [self](atom::attach, const mesh_actor& who) { self->state.attach(who); },
    [self](atom::change, const mesh_actor& who, const pubsub::interest& what) {
      self->state.announced(who, what);
    },
    [self](atom::deliver, const session::publish_batch& what) {
      self->state.from_afar(what);
    },
  };
}

} // namespace saker
