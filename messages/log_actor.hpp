#pragma once

#include "messages/writer_actor.hpp"

namespace saker {

/// A LOG: the output of one instance for those who listen to it now.
using log_actor = output_listener_actor::extend<
  // Nobody listens any more.
  caf::reacts_to<atom::stop>,
  // SELF: the end of a line may have been waited for long enough.
  caf::reacts_to<atom::expire>>;

} // namespace saker
