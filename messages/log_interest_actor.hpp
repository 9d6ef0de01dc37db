#pragma once

#include "messages/atoms.hpp"
#include "pubsub/subscription.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace saker {

/// The LOG INTEREST: knows whose output somebody listens to.
using log_interest_actor = caf::typed_actor<
  // The output of that key goes to this channel.
  caf::reacts_to<atom::enroll, std::string, std::string>,
  // That key is no more.
  caf::reacts_to<atom::withdraw, std::string>,
  // Somebody wants channels of output, or nobody does any more.
  caf::reacts_to<atom::change, pubsub::topic_change>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::pubsub::topic_change)
