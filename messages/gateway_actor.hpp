#pragma once

#include "messages/command_actor.hpp"
#include "messages/handed_fd.hpp"
#include "messages/secured_guest.hpp"

#include <cstdint>

namespace saker {

/// The GATEWAY: listening sockets and the clients that came through them.
using gateway_actor = command_actor::extend<
  // Accept on that socket once `open` was said; the text names its address.
  caf::reacts_to<atom::listen, handed_fd, std::string>,
  // Begin to accept. Commands for which something still loads wait.
  caf::reacts_to<atom::open>,
  // More is loaded: look at them again. False: none waits any longer.
  caf::reacts_to<atom::permit, bool>,
  // SELF, from a listener: a client, and the address it connected to.
  caf::reacts_to<atom::accept, handed_fd, std::string>,
  // SELF: a client has made its handshake.
  caf::reacts_to<atom::greet, handed_guest>,
  // Certificates may have changed: read them anew.
  caf::reacts_to<atom::reload>,
  // More output is unsent than all clients together may hold.
  caf::reacts_to<atom::compress>,
  // SELF: a pause of clients may be over.
  caf::reacts_to<atom::wait>,
  // SELF: a client may be idle for too long. The number is that of the timer.
  caf::reacts_to<atom::tick, std::uint64_t>,
  // Stop accepting and say good-bye to all clients.
  caf::reacts_to<atom::finish>>;

} // namespace saker
