#pragma once

#include "messages/atoms.hpp"
#include "process/daemon_search.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace saker {

/// The FINDER: looks for processes of daemons.
using finder_actor = caf::typed_actor<
  // Who is it now?
  caf::replies_to<atom::query, process::daemon_rule>::with<process::finding>,
  // SELF: walk over the processes for all who asked.
  caf::reacts_to<atom::tick>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::process::daemon_rule)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::process::finding)
