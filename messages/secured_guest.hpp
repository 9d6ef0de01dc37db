#pragma once

#include "io/tls_door.hpp"
#include "session/settings.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>

namespace saker {

/// A client whose handshake is over. Messages are copied, so it is shared;
/// whoever takes it moves it out, once.
struct secured_guest {
  io::tls_guest guest;
  session::peer who;
};

using handed_guest = std::shared_ptr<secured_guest>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::handed_guest)
