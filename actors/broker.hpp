#pragma once

#include "actors/broker_mesh.hpp"
#include "actors/node_figures.hpp"
#include "io/turn.hpp"
#include "messages/broker_actor.hpp"
#include "pubsub/demand.hpp"
#include "pubsub/exchange.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace saker {

/// What the BROKER is given at the start.
struct broker_links {
  /// Delivers once per turn of it; without one (tests) at each `pump`.
  io::turn* turn = nullptr; ///< outlives the actor
  node_figures* figures = nullptr;
  /// Told when somebody wants the output of children, or nobody any more.
  std::function<void(const pubsub::topic_change&)> log_interest = {};
  /// As many channels and patterns are announced to other nodes.
  std::size_t interest = 100'000;
  /// Set while somebody monitors; may be null.
  std::shared_ptr<std::atomic<bool>> monitored = {};
};

/// Channels and patterns: an `exchange` with actors around it. What is
/// published in a turn leaves in one message per subscriber at its end.
struct broker_state : io::turn_hook {
  using pointer = mesh_broker_actor::pointer;

  explicit broker_state(pointer owner) : self(owner) {
    exchange_.observe("log:");
  }

  void subscribe(const subscriber_actor& who, const session::subscribe& what);
  void subscribe(const subscriber_actor& who, const session::unsubscribe& what);
  void
  subscribe(const subscriber_actor& who, const session::unsubscribe_all& what);
  void
  subscribe(const subscriber_actor& who, const session::switch_protocol& what);
  void withdraw(const caf::actor_addr& who);
  void publish(const subscriber_actor& who, const session::publish_batch& what);
  void emit(const std::string& channel, const shared_bytes& payload);
  void emit(const session::publish_batch& what);
  void show(const std::string& lines);
  void attach(const mesh_actor& who);
  void announced(const mesh_actor& who, const pubsub::interest& what);
  void from_afar(const session::publish_batch& what);
  resp::value call(const command_call& what);
  void deliver();
  void begin(broker_links with);

  void at_end_of_turn() override;

  static inline const char* name = "broker";

  pointer self;
  broker_links links;

private:
  pubsub::subscriber_id id_of(const subscriber_actor& who);
  void hand_over(pubsub::subscriber_id to, frame_list frames);
  void finish(const subscriber_actor& who, pubsub::subscriber_id id,
              session::request_id request);
  void want_turn();
  void count();
  void tell_demand(pubsub::demand::source by,
                   const std::vector<pubsub::topic_change>& changes);
  std::int64_t hand_out(session::publish_batch::message x);

  pubsub::exchange exchange_;
  std::optional<broker_mesh> mesh_;
  pubsub::demand output_; ///< of children
  pubsub::subscriber_id last_id_ = 0;
  std::map<caf::actor_addr, pubsub::subscriber_id> ids_;
  std::unordered_map<pubsub::subscriber_id, subscriber_actor> subscribers_;
  bool pumping_ = false;
};

/// The BROKER.
///
/// | message                         | reply    | meaning                      |
/// |---------------------------------|----------|------------------------------|
/// | `subscribe`, who, subscribe     | —        | deliver from now on          |
/// | `subscribe`, who, unsubscribe…  | `report` | after what is on its way     |
/// | `withdraw`, who                 | —        | it is gone                   |
/// | `publish`, who, batch           | `report` | how many got each message    |
/// | `emit`, channel, payload        | —        | one message of our own       |
/// | `emit`, batch                   | —        | several                      |
/// | `tell`, lines                   | —        | commands, for who monitors   |
/// | `attach`, peer                  | —        | another node                 |
/// | `change`, peer, interest        | —        | who listens on that node     |
/// | `deliver`, batch                | —        | messages of another node     |
/// | `call`                          | `value`  | PUBSUB                       |
/// | `pump`                          | — (self) | deliver what was published   |
///
/// Fails: never. Quits: never by itself. Time: none.
/// Watches: monitors subscribers and peers.
mesh_broker_actor::behavior_type
broker(mesh_broker_actor::stateful_pointer<broker_state> self,
       broker_links links);

} // namespace saker
