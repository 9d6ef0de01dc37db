#pragma once

#include "messages/command_actor.hpp"
#include "messages/keeper_link_actor.hpp"
#include "supervision/status.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace saker {

/// Whoever must have found out how things stand before clients may ask.
using settled_actor = caf::typed_actor<caf::replies_to<atom::open>::with<bool>>;

/// The ROSTER: all services by name.
using roster_actor = command_actor::extend<
  // Answered when every instance has told where it stands.
  caf::replies_to<atom::open>::with<bool>,
  // From the KEEPER LINK: SIGTERM, SIGHUP.
  caf::reacts_to<atom::tell, link::shutdown_wanted>,
  caf::reacts_to<atom::tell, link::reload_wanted>,
  // From a SUPERVISOR: where its instance stands now.
  caf::reacts_to<atom::status, std::string, supervision::status>,
  // From a SUPERVISOR: its instance is forgotten.
  caf::reacts_to<atom::forget, std::string>,
  // From a SUPERVISOR: the exit table asks for the end of all of Saker.
  caf::reacts_to<atom::stop, int>,
  // From a CONNECTION: that client is gone, and does not wait any more.
  caf::reacts_to<atom::withdraw, std::uint64_t>,
  // SELF: somebody's patience is over.
  caf::reacts_to<atom::tick>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::supervision::status)
