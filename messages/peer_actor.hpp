#pragma once

#include "messages/atoms.hpp"
#include "messages/broker_actor.hpp"
#include "pubsub/interest.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace saker {

/// What the BROKER tells those who know other nodes.
using mesh_actor = caf::typed_actor<
  // To what somebody listens here: to be announced.
  caf::reacts_to<atom::change, pubsub::interest>,
  // Messages for those who listen over there.
  caf::reacts_to<atom::publish, session::publish_batch>>;

/// The BROKER, as those see it who know other nodes.
using mesh_broker_actor = broker_actor::extend<
  // Tell it to what somebody listens here, now and at each change.
  caf::reacts_to<atom::attach, mesh_actor>,
  // To what somebody listens over there.
  caf::reacts_to<atom::change, mesh_actor, pubsub::interest>,
  // Messages from over there, for those who listen here.
  caf::reacts_to<atom::deliver, session::publish_batch>>;

/// What two PEERs say to each other. Their text is that of cluster/wire.hpp;
/// both sides have shown that they speak the same version of it.
using far_peer_actor = caf::typed_actor<
  // To what somebody listens there.
  caf::reacts_to<atom::change, std::string>,
  // Messages, and what they cost of the sender's credit.
  caf::reacts_to<atom::publish, std::string, std::uint64_t>,
  // So much credit is given back.
  caf::reacts_to<atom::report, std::uint64_t>,
  // So many messages were not sent: too much was on its way.
  caf::reacts_to<atom::tell, std::uint64_t>,
  // Carry out a command of supervision; the answer is its reply.
  caf::replies_to<atom::call, std::string>::with<std::string>,
  // Are you there?
  caf::replies_to<atom::ask>::with<bool>,
  // That node ends by itself.
  caf::reacts_to<atom::finish>>;

/// The PEER: another node, as long as there is a link to it.
using peer_actor = mesh_actor::extend_with<far_peer_actor>::extend<
  // From the CLUSTER: this is the PEER at the other end.
  caf::reacts_to<atom::attach, caf::strong_actor_ptr>,
  // From the CLUSTER: have this command carried out there, in that time.
  caf::replies_to<atom::send, std::string, caf::timespan>::with<std::string>,
  // From the CLUSTER: say good-bye to the other side.
  caf::reacts_to<atom::stop>,
  // From the CLUSTER: the link is closed, and why.
  caf::reacts_to<atom::closed, std::string>,
  // SELF: the next heartbeat.
  caf::reacts_to<atom::tick>,
  // SELF: the other side did not appear in time, or is not gone in time.
  caf::reacts_to<atom::expire>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::pubsub::interest)
