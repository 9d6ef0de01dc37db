#pragma once

#include "base/result.hpp"
#include "messages/certificates_actor.hpp"

#include <functional>

namespace saker {

/// Reads the files that these parameters name.
using certificate_reader
  = std::function<result<io::shared_tls>(const session::parameters&)>;

/// Reads certificates and keys, in a thread of its own: a disk may hang, and a
/// file may be none.
///
/// | message            | reply        | meaning                              |
/// |--------------------|--------------|--------------------------------------|
/// | `load`, parameters | `shared_tls` | what their files hold now            |
///
/// Fails: as `read` does. Quits: never by itself. Time: none.
certificates_actor::behavior_type
certificates(certificates_actor::pointer self, certificate_reader read);

} // namespace saker
