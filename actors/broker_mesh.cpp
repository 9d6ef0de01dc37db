#include "actors/broker_mesh.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace saker {

void broker_mesh::attach(const mesh_actor& who) {
  if (!std::exchange(watching_, true))
    local_.watch_sizes();
  announce(); // what changed before is news to the others only
  nodes_[++last_].actor = who;
  self_->monitor(who);
  self_->send(who, atom::change_v, all());
}

void broker_mesh::announced(const mesh_actor& who,
                            const pubsub::interest& what) {
  for (auto& [id, x] : nodes_)
    if (x.actor == who)
      far_.announced(id, what);
}

void broker_mesh::withdraw(const caf::actor_addr& who) {
  std::erase_if(nodes_, [&](auto& x) {
    if (x.second.actor.address() != who)
      return false;
    far_.drop(x.first);
    return true;
  });
}

std::uint64_t
broker_mesh::publish(const session::publish_batch::message& what) {
  if (far_.empty())
    return 0;
  auto& reach = far_.of(what.channel, what.kind);
  for (auto id : reach.nodes)
    nodes_.at(id).batch.add(what.channel, what.payload, what.kind);
  filled_ = filled_ || !reach.nodes.empty();
  return reach.receivers;
}

void broker_mesh::flush() {
  if (std::exchange(changed_, false))
    announce();
  if (!std::exchange(filled_, false))
    return;
  for (auto& [_, x] : nodes_)
    if (x.batch.size() > 0)
      self_->send(x.actor, atom::publish_v,
                  std::exchange(x.batch, session::publish_batch{}));
}

// -- helpers ------------------------------------------------------------------

std::size_t broker_mesh::topics() const {
  auto& x = local_.subscriptions();
  return x.channel_count() + x.pattern_count() + x.shard_count();
}

pubsub::interest broker_mesh::all() const {
  if (everything_)
    return {true, true, {}};
  return {true, false, local_.subscriptions().all_sizes()};
}

void broker_mesh::announce() {
  pubsub::interest news{false, false, local_.take_sizes()};
  // Back to a list only when it has become much shorter.
  auto too_much = topics() > (everything_ ? most_ / 2 : most_);
  if (too_much != everything_) {
    everything_ = too_much;
    news = all();
  } else if (everything_ || news.topics.empty()) {
    return;
  }
  for (auto& [_, x] : nodes_)
    self_->send(x.actor, atom::change_v, news);
}

} // namespace saker
