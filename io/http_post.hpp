#pragma once

#include "base/http_url.hpp"
#include "base/result.hpp"

#include <chrono>
#include <string>

namespace saker::io {

/// A message for a web server.
struct http_order {
  http_url to;
  std::string json; ///< the body
  std::chrono::steady_clock::time_point until;
};

/// Sends it by POST and reads the first lines of the answer. Blocks, until
/// `until` at the latest, but for as long as the name of the host is looked up.
/// Fails: errc::timeout, errc::io; errc::refused with the status, if that is
/// not 2xx: redirections are not followed. With https the server has to show a
/// certificate for that host which this machine believes; SSL_CERT_FILE and
/// SSL_CERT_DIR name other authorities.
result<void> http_post(const http_order& what);

} // namespace saker::io
