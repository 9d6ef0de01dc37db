#pragma once

#include "base/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>

namespace saker::io {

/// Who this node is to other nodes, and whom it believes: TLS 1.3 only, and
/// both sides show a certificate that the authority has signed. Names in
/// certificates are not looked at: whoever has one is a member.
using shared_tls = std::shared_ptr<boost::asio::ssl::context>;

/// Reads the files (PEM). Fails: `io`, `not_permitted` (others can read the
/// key), with the file and what to do.
result<shared_tls>
load_tls(const std::filesystem::path& cert, const std::filesystem::path& key,
         const std::filesystem::path& ca);

/// Fails unless the file can be read, and not by every user: `io`,
/// `not_permitted`.
result<void> check_private(const std::filesystem::path& file);

/// A small file that nobody else may read, without blanks at its ends. Fails:
/// `io`, `not_permitted`, `limit`, and `invalid_argument` if it is empty.
result<std::string> read_secret(const std::filesystem::path& file);

} // namespace saker::io
