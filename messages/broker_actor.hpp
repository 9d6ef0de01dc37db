#pragma once

#include "messages/command_actor.hpp"
#include "messages/connection_actor.hpp"

namespace saker {

/// The BROKER: channels, patterns and who listens to them.
using broker_actor = command_actor::extend<
  // Deliver these to that subscriber from now on.
  caf::reacts_to<atom::subscribe, subscriber_actor, session::subscribe>,
  // No more of these; reports when nothing is on its way any more.
  caf::reacts_to<atom::subscribe, subscriber_actor, session::unsubscribe>,
  // No more at all; reports likewise.
  caf::reacts_to<atom::subscribe, subscriber_actor, session::unsubscribe_all>,
  // Encode for this protocol from now on; reports likewise.
  caf::reacts_to<atom::subscribe, subscriber_actor, session::switch_protocol>,
  // The subscriber is gone; nothing is reported.
  caf::reacts_to<atom::withdraw, subscriber_actor>,
  // Deliver; reports how many got each message.
  caf::reacts_to<atom::publish, subscriber_actor, session::publish_batch>,
  // Deliver one message of our own (an event); nobody waits.
  caf::reacts_to<atom::emit, std::string, shared_bytes>,
  // Several of them.
  caf::reacts_to<atom::emit, session::publish_batch>,
  // Lines for all who monitor; nobody waits.
  caf::reacts_to<atom::tell, std::string>,
  // SELF: deliver what was published.
  caf::reacts_to<atom::pump>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::subscribe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::unsubscribe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::unsubscribe_all)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::switch_protocol)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::publish_batch)
