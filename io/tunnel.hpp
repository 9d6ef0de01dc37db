#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "io/loop.hpp"
#include "io/tls_identity.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace saker::io {

/// How this node speaks to others.
struct tunnel_options {
  shared_tls tls;     ///< null: plain, for loopback only
  std::string cookie; ///< what both sides must know; may be empty
  std::string hello;  ///< what the other side is told; at most 64 KiB
  /// For connect, TLS and hello together.
  std::chrono::nanoseconds patience = std::chrono::seconds{2};
  /// A link on which nothing comes in for so long is closed.
  std::chrono::nanoseconds dead_after = std::chrono::seconds{5};
};

/// What a tunnel tells its owner, on the I/O thread, never from inside a call
/// of the owner.
struct tunnel_events {
  /// The other side has proved who it is, and this is its hello: `join` or
  /// `close`.
  std::function<void(std::string hello)> greeted;
  /// It is over, and why. Told once, and not after `close`.
  std::function<void(const failure& why)> closed;
};

/// What went through a tunnel since `join`, without TLS.
struct tunnel_figures {
  std::uint64_t received = 0; ///< bytes
  std::uint64_t sent = 0;     ///< bytes
};

/// One connection to another node: TLS (or none), then a hello and a proof
/// that both know the cookie, then bytes for a socket of this process. Whoever
/// says nothing, garbage, or has the wrong certificate or cookie, gets nothing
/// and is gone after `patience`. All calls on the I/O thread.
class tunnel {
public:
  virtual ~tunnel();

  /// From now on bytes flow between the other node and the returned socket;
  /// once, after `greeted`. Fails: `io`.
  virtual result<unique_fd> join() = 0;

  /// At once: the other side sees the end of the connection.
  virtual void close() = 0;

  /// `10.0.0.2:40112`, of the other side.
  virtual std::string address() const = 0;

  virtual tunnel_figures figures() const = 0;
};

/// Connects to a numeric address. `where` must outlive it.
std::shared_ptr<tunnel>
dial(loop& where, const std::string& host, std::uint16_t port,
     tunnel_options how, tunnel_events events);

/// Over a socket that is connected already, by one of us (`dialled`) or by the
/// other side.
std::shared_ptr<tunnel> tunnel_over(loop& where, unique_fd socket, bool dialled,
                                    tunnel_options how, tunnel_events events);

} // namespace saker::io
