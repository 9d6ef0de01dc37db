#pragma once

#include "config/reader.hpp"

namespace saker::config {

/// Completes and checks what [tls] said: addresses, whole paths, and that
/// nobody comes in from other machines without saying who it is.
void complete_tls(draft& x, reader& reader);

} // namespace saker::config
