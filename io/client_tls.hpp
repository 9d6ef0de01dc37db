#pragma once

#include "base/result.hpp"
#include "io/tls_identity.hpp"

#include <filesystem>
#include <string>

namespace saker::io {

/// What clients are shown, and what they have to show.
struct client_tls_files {
  std::filesystem::path cert; ///< with the chain up to the authority
  std::filesystem::path key;
  std::filesystem::path ca; ///< of clients; may be empty if nobody is asked
  bool ask = false;         ///< for a certificate
  bool demand = false;      ///< refuse whoever has none
};

/// Reads the files (PEM): TLS 1.2 with forward secrecy, or 1.3; no
/// renegotiation, no compression, no resumption, so that whoever comes in has
/// shown what is asked for now; only key exchanges that cost us little. Fails:
/// `io`, `not_permitted` (others can read the key), with the file and what to
/// do. May block, as the disk does.
result<shared_tls> load_client_tls(const client_tls_files& from);

/// What is wrong with the certificate itself, such as that it has expired;
/// empty: nothing.
std::string complaint_about(const shared_tls& x);

} // namespace saker::io
