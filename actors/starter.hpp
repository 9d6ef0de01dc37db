#pragma once

#include "config/settings.hpp"
#include "messages/gateway_actor.hpp"
#include "messages/keeper_link_actor.hpp"
#include "messages/librarian_actor.hpp"
#include "messages/roster_actor.hpp"
#include "messages/starter_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace saker {

/// What the STARTER is given.
struct starter_links {
  keeper_link_actor keeper;
  gateway_actor gateway;
  librarian_actor librarian;
  std::vector<config::listen_address> listen;
  mode_t socket_mode = 0660;
  std::string socket_group;
  bool safe_mode = false;
  /// Services live already: nothing is a reason to leave them alone.
  bool children = false;
  /// What loads still, for clients, who are let in before all is known.
  std::function<void(bool services, bool scripts)> loading;
  /// The addresses are ours: starts the services and tells who knows them.
  std::function<settled_actor()> listening;
  std::function<void(const std::string&)> say;
  std::function<void(const std::string&)> warn;
  /// Clients are served at these addresses from now on.
  std::function<void(const std::vector<std::string>&)> ready;
  /// The node cannot start: its exit status and why.
  std::function<void(int, const std::string&)> give_up;
};

/// Listening sockets first, then services and scripts. Clients are let in at
/// once: what needs nothing is answered, the rest waits for a second, so that
/// nobody sees a service half known, and is then answered by `-LOADING`.
///
/// | phase     | event                 | next                                |
/// |-----------|-----------------------|-------------------------------------|
/// | new       | `start`               | listening: LISTEN for each address  |
/// | listening | all answered          | loading: `listening`, then scripts; |
/// |           |                       | clients are let in                  |
/// | listening | one refused           | over: `give_up`; not if optional,   |
/// |           |                       | nor while children live             |
/// | loading   | services are known,   | serving: READY                      |
/// |           | scripts loaded or 2 s |                                     |
/// |           | passed                |                                     |
/// | before    | a second has passed   | the same; clients are let in, and   |
/// | serving   |                       | none waits any longer               |
/// | serving   | no address is missing | over                                |
/// | serving   | each second           | LISTEN for what is missing          |
struct starter_state {
  using pointer = starter_actor::pointer;

  explicit starter_state(pointer owner) : self(owner) {
    // nop
  }

  void start();
  void services_known();
  void scripts_loaded();
  void lose_patience();
  void retry();

  static inline const char* name = "starter";

  pointer self;
  starter_links links;

private:
  void listen_next();
  void listen(const config::listen_address& where,
              std::function<void(const failure&)> refused);
  void refused(const config::listen_address& where, const failure& why);
  void load();
  void open();

  std::size_t next_ = 0;
  std::vector<std::string> addresses_;
  std::vector<config::listen_address> missing_; ///< tried again and again
  bool services_ = false;                       ///< are known
  bool scripts_ = false; ///< are loaded, or took too long
  bool patient_ = true;  ///< clients wait for what loads
  bool opened_ = false;
};

/// The STARTER.
///
/// | message  | reply    | meaning                                            |
/// |----------|----------|----------------------------------------------------|
/// | `start`  | —        | begin                                              |
/// | `accept` | — (self) | it takes longer: clients need not wait             |
/// | `expire` | — (self) | scripts took too long                              |
/// | `tick`   | — (self) | try the missing addresses again                    |
///
/// Fails: never; what goes wrong ends the node. Quits: when clients are served
/// everywhere. Time: a second in which clients wait in the kernel, the patience
/// with scripts, the pause between tries.
starter_actor::behavior_type
starter(starter_actor::stateful_pointer<starter_state> self,
        starter_links links);

} // namespace saker
