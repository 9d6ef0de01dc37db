#pragma once

#include "messages/atoms.hpp"

#include <caf/typed_actor.hpp>

namespace saker {

/// The STARTER: brings the node up, once.
using starter_actor = caf::typed_actor<
  // Begin: sockets, scripts, then clients.
  caf::reacts_to<atom::start>,
  // SELF: it takes longer; clients are let in and told so.
  caf::reacts_to<atom::accept>,
  // SELF: scripts took too long; go on without them.
  caf::reacts_to<atom::expire>,
  // SELF: try the missing addresses again.
  caf::reacts_to<atom::tick>>;

} // namespace saker
