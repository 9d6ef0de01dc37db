#pragma once

#include "base/result.hpp"

#include <string>

#include <sys/socket.h>

namespace saker::process {

/// Where a listening socket stands, as the kernel takes it.
struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  std::string path; ///< of a socket file; empty: a port

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&bytes);
  }

  int family() const {
    return bytes.ss_family;
  }
};

/// `127.0.0.1:80`, `[::1]:80`, `*:80` (all of IPv4) or `unix:/a/path`. Fails:
/// `invalid_argument`, with what is wrong.
result<socket_address> parse_socket_address(const std::string& text);

/// Of a socket, in the same form; `asked` if that has no such form.
std::string actual_address(int fd, const std::string& asked);

/// Whether somebody listens there, or on all addresses with that port. May be
/// wrong about a socket file, where its owner sees a connection that ends.
bool is_listened_on(const socket_address& x);

} // namespace saker::process
