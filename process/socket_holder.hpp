#pragma once

#include <cstdint>
#include <string>

namespace saker::process {

/// Who listens on a port of this machine, on whichever address:
/// `redis-server (pid 812, since 2024-05-01 10:00:00Z)`. Empty: nobody, or nobody we may look at. Walks
/// all of /proc: for messages about errors only.
std::string port_holder(std::uint16_t port);

/// The same for a UNIX socket.
std::string socket_holder(const std::string& path);

} // namespace saker::process
