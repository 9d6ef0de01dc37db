#pragma once

#include "cluster/audience.hpp"
#include "messages/peer_actor.hpp"
#include "pubsub/exchange.hpp"

#include <caf/actor_addr.hpp>

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace saker {

/// What the BROKER knows of other nodes: who listens there, and what they are
/// to be told of those who listen here. Without other nodes it costs nothing.
class broker_mesh {
public:
  /// `most`: channels and patterns that are announced; with more of them this
  /// node asks for everything.
  broker_mesh(mesh_broker_actor::pointer self, pubsub::exchange& local,
              std::size_t most)
    : self_(self), local_(local), most_(most), far_(most) {
    // nop
  }

  void attach(const mesh_actor& who);
  void announced(const mesh_actor& who, const pubsub::interest& what);
  void withdraw(const caf::actor_addr& who);

  /// Which output of children somebody wants on other nodes now, or nobody any
  /// more.
  std::vector<pubsub::topic_change> take_changes() noexcept {
    return far_.take_changes();
  }

  /// Takes a message for all nodes where somebody listens; returns how many
  /// these are, as they have announced it.
  std::uint64_t publish(const session::publish_batch::message& what);

  /// Sends what the turn collected.
  void flush();

  /// True if `flush` has something to send, messages or interest.
  bool pending() const noexcept {
    return filled_ || changed_;
  }

  /// Subscriptions here may have changed.
  void review() noexcept {
    changed_ = !nodes_.empty();
  }

private:
  struct node {
    mesh_actor actor;
    session::publish_batch batch;
  };

  std::size_t topics() const;
  pubsub::interest all() const;
  void announce();

  mesh_broker_actor::pointer self_;
  pubsub::exchange& local_;
  std::size_t most_;
  cluster::audience far_;
  cluster::audience::node last_ = 0;
  std::map<cluster::audience::node, node> nodes_;
  bool watching_ = false;
  bool everything_ = false;
  bool filled_ = false;
  bool changed_ = false;
};

} // namespace saker
