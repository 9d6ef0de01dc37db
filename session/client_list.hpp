#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace saker::session {

/// What CLIENT LIST tells about one client. The session fills in all but the
/// figures of the socket.
struct client_figures {
  std::uint64_t id = 0;
  std::string address;
  std::string local_address;
  std::string name;
  std::chrono::seconds age{0};
  std::chrono::seconds idle{0}; ///< since the last bytes came in
  bool closing = false;
  std::int64_t database = 0;
  std::size_t channels = 0;
  std::size_t patterns = 0;
  std::size_t shards = 0;
  bool monitors = false;
  std::int64_t queued = -1;       ///< commands since MULTI; -1: none was said
  std::size_t queued_bytes = 0;   ///< they take
  std::size_t argument_bytes = 0; ///< words of commands that are carried out
  std::size_t reply_buffer = 0;   ///< bytes that replies have room for
  std::size_t reply_peak = 0;     ///< … took at most, not long ago
  std::size_t reply_bytes = 0;    ///< … take: not handed to the socket yet
  std::size_t query_buffer = 0;   ///< bytes held of unfinished commands
  std::size_t open_commands = 0;  ///< not yet answered
  std::size_t spare_buffer = 0;   ///< bytes for more of them
  std::size_t memory = 0;         ///< all that it takes
  bool blocked = false;           ///< waits, by its own wish or a pause
  bool via_unix = false;
  bool no_evict = false;
  bool tracking = false;
  bool broadcast = false;
  std::int64_t redirect = -1;
  std::string command; ///< the last one: `client|list`; empty: none yet
  std::string user;
  int protocol = 2;
  std::string library;
  std::string library_version;

  bool subscribed() const noexcept {
    return channels + patterns + shards > 0;
  }

  // -- of the socket, filled in by the connection

  int fd = -1;
  std::size_t unsent_frames = 0;
  std::size_t unsent_bytes = 0;
  bool reads = true; ///< more input is wanted now
};

/// One line without its end: `id=3 addr=127.0.0.1:4711 … resp=2`. Fields and
/// names as in Redis 7.
std::string to_line(const client_figures& x);

/// What CLIENT LIST was asked for.
struct client_filter {
  /// `nobody`: masters and replicas, which we never have.
  enum class kind : std::uint8_t { any, normal, pubsub, nobody };

  kind type = kind::any;
  std::vector<std::uint64_t> ids; ///< empty: all

  bool shows(const client_figures& x) const noexcept;
};

/// Reads the word after TYPE. Fails with the text of the error.
result<client_filter::kind> parse_client_type(const std::string& text);

/// Reads `CLIENT LIST [TYPE t | ID n …]`; `args` from CLIENT on. Fails with
/// the text of the error, code included: `ERR syntax error`.
result<client_filter> parse_client_filter(std::span<const std::string> args);

/// The reply of CLIENT LIST: the lines of those that the filter shows.
resp::value client_list(std::span<const client_figures> clients,
                        const client_filter& filter);

} // namespace saker::session
