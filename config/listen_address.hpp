#pragma once

#include "base/result.hpp"

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace saker::config {

/// Where clients connect: TCP or a UNIX socket.
struct listen_address {
  enum class family { tcp, local };

  family kind = family::tcp;
  std::string host;       ///< tcp: numeric, without brackets; else empty
  std::uint16_t port = 0; ///< tcp: 1 to 65535; else 0
  std::string path;       ///< local: absolute, at most 107 bytes; else empty
  bool optional = false;  ///< a failure to listen there is no error

  auto operator<=>(const listen_address&) const = default;

  bool is_tcp() const noexcept {
    return kind == family::tcp;
  }

  /// A UNIX socket, 127.0.0.0/8 or ::1: nobody on the network reaches it.
  bool loopback() const noexcept;
};

/// Reads `127.0.0.1:12007`, `[::1]:12007`, `localhost:12007`, `unix:PATH`;
/// a leading `-` makes it optional. A relative PATH lies in `runtime_dir`.
/// Fails: errc::syntax, errc::limit (a path too long for a socket).
result<listen_address>
parse_listen_address(std::string_view text,
                     const std::filesystem::path& runtime_dir);

/// A host, by its name, and a port.
struct named_address {
  std::string host; ///< lower case
  std::uint16_t port = 0;
};

/// Reads `db1.example:12107`; nothing for what has no name of a host, such as
/// numeric addresses, or no port.
std::optional<named_address> parse_named_address(std::string_view text);

/// The form that parse_listen_address reads, without the leading `-`.
std::string to_string(const listen_address& x);

} // namespace saker::config
