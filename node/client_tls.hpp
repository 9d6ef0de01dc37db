#pragma once

#include "config/settings.hpp"
#include "io/tls_identity.hpp"
#include "session/parameters.hpp"

#include <string>

namespace saker::node {

/// Reads the certificates for clients over TLS that the parameters
/// `tls-cert-file` and so on name: those of [tls], unless CONFIG SET or REWRITE
/// says others. Fails with what to do; also if clients from other machines
/// would not have to say who they are.
result<io::shared_tls> read_client_tls(const config::settings& settings,
                                       const session::parameters& from);

/// What is wrong with the certificate itself, for people, such as that it has
/// expired; empty: nothing. No reason not to start.
std::string
warning_about(const io::shared_tls& what, const session::parameters& from);

} // namespace saker::node
