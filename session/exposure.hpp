#pragma once

#include "acl/user_list.hpp"
#include "session/parameters.hpp"

#include <string>

namespace saker::session {

/// Why these users must not be where `with` listens, and `tls` beside it: other
/// machines reach an address, and somebody needs neither a password nor a
/// certificate. Empty: it is well. A start, CONFIG SET and ACL ask this of what
/// they would lead to, and nothing else.
std::string exposure(const acl::user_list& users, const parameters& with,
                     const address_list& tls);

} // namespace saker::session
