#pragma once

#include "config/overrides.hpp"
#include "messages/atoms.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace saker {

/// The OVERRIDES: what CONFIG SET changed.
using overrides_actor = caf::typed_actor<
  // Keep these and no others, for ever: CONFIG REWRITE.
  caf::replies_to<atom::change, config::override_list>::with<bool>,
  // These and no others count until Saker ends, whatever becomes of the node.
  caf::replies_to<atom::apply, config::override_list>::with<bool>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::config::override_list)
