#pragma once

#include "messages/keeper_link_actor.hpp"
#include "supervision/effect.hpp"
#include "supervision/event.hpp"
#include "supervision/explanation.hpp"
#include "supervision/status.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace saker {

/// How a command to one instance ended.
struct verdict {
  supervision::outcome code = supervision::outcome::done;
  std::string text; ///< for people; may be empty
};

/// The SUPERVISOR: keeps one instance of one service as it is wanted.
using supervisor_actor = keeper_client_actor::extend<
  // A command (start, stop, restart, signal, reset, wait); its ticket is
  // given here.
  caf::replies_to<atom::call, supervision::any_event>::with<verdict>,
  // Why it is as it is.
  caf::replies_to<atom::describe>::with<supervision::explanation>,
  // What needs no answer: change, remove, shutdown, hurry.
  caf::reacts_to<atom::change, supervision::any_event>,
  // SELF: the time of effect::arm has come.
  caf::reacts_to<atom::expire, std::uint64_t>,
  // SELF: does the child of that spawn-id look as `match` says?
  caf::reacts_to<atom::watch, std::uint64_t>,
  // SELF: look for the daemon's process, if that is still the search.
  caf::reacts_to<atom::query, std::uint64_t>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::supervision::any_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::supervision::explanation)
