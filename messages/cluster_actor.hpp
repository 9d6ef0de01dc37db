#pragma once

#include "messages/command_actor.hpp"
#include "messages/handed_fd.hpp"

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace saker {

/// The CLUSTER: who the other nodes are. Links are named by numbers.
using cluster_actor = command_actor::extend<
  // From a PEER of the node with that name, which dialled this one: here it
  // is; the answer is our PEER for it.
  caf::replies_to<atom::greet, std::string,
                  caf::strong_actor_ptr>::with<caf::strong_actor_ptr>,
  // Begin to listen and to dial.
  caf::reacts_to<atom::start>,
  // SELF, from a listener: somebody connected.
  caf::reacts_to<atom::accept, handed_fd>,
  // SELF, from a tunnel: the hello of the other side.
  caf::reacts_to<atom::greet, std::uint64_t, std::string>,
  // SELF, from a tunnel; from a PEER: that link is over, and why.
  caf::reacts_to<atom::closed, std::uint64_t, std::string>,
  // From a PEER: it is there.
  caf::reacts_to<atom::open, std::uint64_t>,
  // From a PEER: the heartbeat was answered after that time; zero: two of them
  // were not.
  caf::reacts_to<atom::report, std::uint64_t, caf::timespan>,
  // From a PEER: so many messages more could not be sent to it.
  caf::reacts_to<atom::tell, std::uint64_t, std::uint64_t>,
  // From a PEER: that node ends by itself.
  caf::reacts_to<atom::stop, std::uint64_t>,
  // That client waits no more: answer its SVWAIT as if the time were over.
  caf::reacts_to<atom::withdraw, std::uint64_t>,
  // This node ends: say good-bye to all others.
  caf::reacts_to<atom::finish>,
  // SELF: good-byes had their time.
  caf::reacts_to<atom::expire>,
  // SELF: some addresses may be due.
  caf::reacts_to<atom::tick>>;

/// Carries messages between nodes over sockets that somebody else connected.
using basp_actor = caf::typed_actor<
  // That socket leads to a node which dialled: there, this actor is found.
  caf::reacts_to<atom::accept, handed_fd, caf::strong_actor_ptr>,
  // That socket leads to a node that was dialled: the actor found there.
  caf::replies_to<atom::open, handed_fd>::with<caf::strong_actor_ptr>>;

} // namespace saker
