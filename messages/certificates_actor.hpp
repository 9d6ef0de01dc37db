#pragma once

#include "io/tls_identity.hpp"
#include "messages/atoms.hpp"
#include "session/parameters.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace saker {

/// The CERTIFICATES: what clients over TLS are shown, as these parameters name
/// it, from the disk.
using certificates_actor = caf::typed_actor<
  caf::replies_to<atom::load, session::parameters>::with<io::shared_tls>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::parameters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::io::shared_tls)
