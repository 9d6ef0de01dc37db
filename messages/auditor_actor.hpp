#pragma once

#include "messages/atoms.hpp"
#include "session/audit.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace saker {

/// The AUDITOR: tells who did what.
using auditor_actor = caf::typed_actor<
  // Tell it; nobody waits.
  caf::reacts_to<atom::tell, session::audit_entry>,
  // Something was left out: say how much, in a second.
  caf::reacts_to<atom::wait>,
  // SELF: that second is over.
  caf::reacts_to<atom::expire>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::audit_entry)
