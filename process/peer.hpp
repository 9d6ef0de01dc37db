#pragma once

#include <cstdint>

#include <sys/types.h>

namespace saker::process {

/// Who is on the other end of a socket, as far as the kernel knows.
struct peer {
  enum class kind : std::uint8_t {
    unknown, ///< a stranger: remote, or already closed
    root,    ///< uid 0
    self,    ///< the effective uid of this process (root is `root`)
    other,   ///< another local user: see `uid`
  };

  kind who = kind::unknown;
  uid_t uid = static_cast<uid_t>(-1); ///< valid unless unknown
  pid_t pid = 0;                      ///< UNIX sockets only, else 0

  bool operator==(const peer&) const = default;
};

/// Asks the kernel about a connected socket: SO_PEERCRED for UNIX sockets; for
/// TCP between two loopback addresses the owner of the other end, which must
/// be established and still have an inode: a socket that was closed after
/// sending is reported as uid 0, and stays a stranger. Never blocks, never
/// fails; some 30 µs. Ask once, right after accept.
peer identify_peer(int socket);

/// Where the owner of a TCP socket is looked up. Netlink may be forbidden (in
/// a sandbox), then the table in /proc is read: slow with many connections.
enum class peer_source : std::uint8_t { netlink, proc };

/// From one source only.
peer identify_peer(int socket, peer_source source);

} // namespace saker::process
