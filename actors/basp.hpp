#pragma once

#include "messages/cluster_actor.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace saker {

/// Loads what `basp` stands on into a system that is about to be made: one
/// thread, and no port of its own.
void load_basp(caf::actor_system_config& cfg);

struct basp_state {
  static inline const char* name = "basp";

  caf::actor broker; ///< CAF's own
};

/// CAF's protocol between nodes, over sockets that are given to it.
///
/// | message               | reply  | meaning                              |
/// |-----------------------|--------|--------------------------------------|
/// | `accept`, fd, actor   | —      | the other side finds this actor      |
/// | `open`, fd            | actor  | what is found on the other side      |
///
/// Fails: `open`, when the other side closes or does not speak BASP. Quits:
/// never by itself. Time: `open` takes 5 s at most. `port` names what is
/// published, and is the same on all nodes; there is no port behind it.
basp_actor::behavior_type
basp(basp_actor::stateful_pointer<basp_state> self, std::uint16_t port);

} // namespace saker
