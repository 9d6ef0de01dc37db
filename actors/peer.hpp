#pragma once

#include "cluster/credit.hpp"
#include "messages/cluster_actor.hpp"
#include "messages/peer_actor.hpp"
#include "session/audit_trail.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace saker {

/// What all PEERs of a node share.
struct peer_links {
  std::string node; ///< the name of this one
  cluster_actor cluster;
  mesh_broker_actor broker;
  basp_actor basp;
  /// Who carries out a command here, as carrier_here says.
  std::function<result<command_actor>(session::request&)> carrier;
  std::chrono::nanoseconds heartbeat = std::chrono::seconds{1};
  std::uint64_t backlog = 16ull << 20; ///< bytes on their way
  std::function<void(const std::string&)> warn;
  session::shared_trail audit; ///< of what is carried out here; may be null
  std::function<std::chrono::system_clock::time_point()> wall_clock
    = std::chrono::system_clock::now;
};

/// One link: its number, the node at the other end, and the socket that leads
/// there.
struct peer_beginning {
  std::uint64_t link = 0;
  std::string name;
  bool dialled = false; ///< by this node
  handed_fd socket;
};

/// The other node.
///
/// | phase   | event                      | next                              |
/// |---------|----------------------------|-----------------------------------|
/// | joining | the other PEER is known    | up: heartbeats, interest          |
/// | joining | 5 s are over               | leaving: the cluster is told      |
/// | up      | too much is on its way     | up, in a gap: messages are        |
/// |         |                            | counted, commands refused         |
/// | up      | credit comes back          | up: the gap is announced          |
/// | any     | link closed, DOWN          | leaving: open commands fail       |
/// | leaving | DOWN, or 1 s is over       | gone                              |
struct peer_state {
  using pointer = peer_actor::pointer;
  using promise = caf::typed_response_promise<std::string>;

  explicit peer_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(peer_links with, const peer_beginning& how);

  // -- here
  void announce(const pubsub::interest& what);
  void publish(const session::publish_batch& what);
  void attach(const caf::strong_actor_ptr& who);
  caf::result<std::string>
  forward(const std::string& command, caf::timespan patience);
  void say_goodbye();
  void closed(const std::string& why);
  void down();
  void tick();
  bool asked();
  void expire();

  // -- from over there
  void announced(const std::string& text);
  void published(const std::string& text, std::uint64_t cost);
  void acknowledged(std::uint64_t cost);
  void skipped(std::uint64_t count);
  caf::result<std::string> carry_out(const std::string& text);
  void said_goodbye();

  static inline const char* name = "peer";

  pointer self;
  peer_links links;

private:
  void reach(const handed_fd& socket);
  void give_up(const std::string& why);
  void leave(const std::string& why);
  void tell_gap();

  peer_beginning who_;
  far_peer_actor far_; ///< null while joining
  bool leaving_ = false;
  std::string why_; ///< it is leaving
  cluster::credit credit_{0};
  std::uint64_t gap_ = 0; ///< messages not sent, and not announced yet
  std::uint64_t beats_ = 0;
  std::uint64_t heard_ = 0;   ///< the last beat that was answered
  caf::timespan rtt_{0};      ///< of the last answer; 0: none yet
  bool asked_ = false;        ///< by the other side, since the last tick
  std::uint64_t skipped_ = 0; ///< ticks since our last question
  std::uint64_t last_command_ = 0;
  std::map<std::uint64_t, promise> commands_; ///< that wait over there
};

/// The PEER.
///
/// | message                  | reply    | meaning                            |
/// |--------------------------|----------|------------------------------------|
/// | `change`, interest       | —        | who listens here                   |
/// | `publish`, batch         | —        | messages for over there            |
/// | `attach`, actor          | —        | the PEER over there                |
/// | `send`, command, time    | text     | have it carried out over there     |
/// | `stop`                   | —        | say good-bye                       |
/// | `closed`, why            | —        | the link is gone                   |
/// | `change`, text           | —        | who listens over there             |
/// | `publish`, text, cost    | `report` | messages from over there           |
/// | `report`, cost           | —        | they have arrived                  |
/// | `tell`, count            | —        | so many were not sent              |
/// | `call`, text             | text     | carry it out here                  |
/// | `ask`                    | `bool`   | are you there?                     |
/// | `finish`                 | —        | the other node ends                |
/// | `tick`, `expire`         | — (self) |                                    |
///
/// Fails: `send` with `no_such_node`, `busy`, `timeout`. Quits: when the link
/// is gone. Time: a heartbeat, in which the side that dialled asks and the other
/// one answers; 5 s to join, 1 s to leave. Watches: monitors the PEER over there.
peer_actor::behavior_type peer(peer_actor::stateful_pointer<peer_state> self,
                               peer_links links, peer_beginning how);

} // namespace saker
