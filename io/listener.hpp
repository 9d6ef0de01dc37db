#pragma once

#include "base/unique_fd.hpp"
#include "io/loop.hpp"

#include <functional>
#include <memory>

namespace saker::io {

/// What a listener tells its owner, on the I/O thread.
struct listener_events {
  /// A client connected; its socket is non-blocking and CLOEXEC.
  std::function<void(unique_fd)> accepted;
  /// accept failed (EMFILE, ENFILE, ENOBUFS…): accepting rests for a moment
  /// and goes on by itself. Said at most every 10 s.
  std::function<void(int error)> exhausted;
  /// Nobody has a descriptor left, and there is a client: it can be told so
  /// now, and is closed. May be empty: it waits in the kernel instead.
  std::function<void(int socket)> turn_away = {};
  /// Whether the owner can take one more now: who connects faster than it is
  /// served waits in the kernel, and not here with a descriptor. Asked again in
  /// the next turn, so what must come first has to happen on this thread.
  std::function<bool()> room = {};
};

/// Accepts on one listening socket, which it gets and does not create. All
/// calls and callbacks on the I/O thread.
class listener {
public:
  virtual ~listener();

  /// Stops accepting; the socket itself stays open where others hold it.
  virtual void close() = 0;

  /// Takes those who have connected already, then closes.
  virtual void finish() = 0;
};

/// Begins to accept on `socket`. At most 64 clients are taken per turn, so
/// that a storm of connects starves nobody.
/// `where` must outlive it.
std::shared_ptr<listener>
listen_on(loop& where, unique_fd socket, listener_events events);

} // namespace saker::io
