#pragma once

#include <string>

namespace saker::supervision {

/// A socket that the keeper holds for a service, over all restarts.
struct listen_socket {
  std::string name;     ///< in LISTEN_FDNAMES; empty: that of the service
  std::string address;  ///< `127.0.0.1:80`, `unix:/a/path`…
  int backlog = 511;    ///< connections that wait
  unsigned mode = 0660; ///< of a socket file
  std::string group;    ///< of a socket file; empty: Saker's own

  bool operator==(const listen_socket&) const = default;
};

} // namespace saker::supervision
