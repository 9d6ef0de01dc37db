#pragma once

#include "base/result.hpp"
#include "config/listen_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cli {

/// Where a Saker is asked, and as whom.
struct server_address {
  std::string host = {};      ///< a name or a numeric address; else empty
  std::uint16_t port = 12007; ///< with `host`
  std::string path = {};      ///< of a UNIX socket; else empty
  std::string user = {};      ///< with `password`
  std::optional<std::string> password = {};
  bool tls = false; ///< with `host`

  bool operator==(const server_address&) const = default;
};

/// Reads `HOST:PORT`, `HOST`, `[::1]:12007`, `unix:PATH` and
/// `redis://[[USER]:PASSWORD@]HOST[:PORT]`; `%41` in user and password is `A`;
/// with `rediss://` it speaks TLS. Fails: errc::syntax; errc::limit for a path
/// that is too long for a socket. No text repeats the password.
result<server_address> parse_server_address(std::string_view text);

/// The form that parse_server_address reads, without user and password.
std::string to_string(const server_address& x);

/// Where a Saker that listens on `listening` is found on this machine: UNIX
/// sockets first, then TCP; at the end the default port.
std::vector<server_address>
local_addresses(const std::vector<config::listen_address>& listening);

} // namespace saker::cli
