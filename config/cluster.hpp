#pragma once

#include "config/reader.hpp"

namespace saker::config {

/// Completes and checks what [cluster] said: addresses, whole paths, and that
/// nobody can join who is not meant to.
void complete_cluster(draft& x, reader& reader);

} // namespace saker::config
