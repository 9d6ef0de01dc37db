#pragma once

#include "lua/host.hpp"
#include "messages/keeper_link_actor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace saker {

/// The JOB: one short command with its output, run by the keeper.
using job_actor = keeper_client_actor::extend<
  // Run it and answer how it ended; to be asked once.
  caf::replies_to<atom::call, lua::exec_spec>::with<lua::exec_result>,
  // SELF: output is there.
  caf::reacts_to<atom::readable>,
  // SELF: its time is over.
  caf::reacts_to<atom::expire>,
  // Nobody waits for it any more.
  caf::reacts_to<atom::finish>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::lua::exec_spec)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::lua::exec_result)
