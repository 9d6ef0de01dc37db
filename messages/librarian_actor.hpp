#pragma once

#include "messages/command_actor.hpp"
#include "messages/script_actor.hpp"

namespace saker {

/// The LIBRARIAN: the script directory and the table of its commands.
using librarian_actor = command_actor::extend<
  // Load all files of the directory; answers when each has run or failed.
  caf::replies_to<atom::open>::with<bool>,
  // A SCRIPT registered or unregistered commands while it ran: all it has now.
  caf::reacts_to<atom::change, script_actor, command_specs>,
  // Look for files that changed: one has, or has come or gone.
  caf::reacts_to<atom::tick>,
  // SELF: look for them now and then.
  caf::reacts_to<atom::wait>,
  // SELF: start a script again that had failed.
  caf::reacts_to<atom::reload, std::string>,
  // End all scripts; answers when what they deferred has run.
  caf::replies_to<atom::finish>::with<bool>>;

} // namespace saker
