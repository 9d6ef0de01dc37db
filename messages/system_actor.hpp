#pragma once

#include "messages/command_actor.hpp"
#include "messages/script_actor.hpp"

namespace saker {

/// The SYSTEM: figures of the machine.
using system_actor = command_actor::extend<
  // From a thread: the answer to a question.
  caf::reacts_to<atom::ended, std::uint64_t, chore_answer>,
  // SELF: has a question had its time?
  caf::reacts_to<atom::wait>>;

} // namespace saker
