#pragma once

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"
#include "io/loop.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace saker::io {

/// What a stream tells its owner, on the I/O thread, never from inside a call
/// of the owner. The owner turns these into messages to itself.
struct stream_events {
  std::function<void()> readable; ///< the read ended: see `input`
  std::function<void()> drained;  ///< all that was written is with the kernel
  std::function<void()> closed;   ///< end of input or an error: see `reason`
};

/// One connected byte stream. What is written in one turn leaves with one
/// system call at its end; what the kernel does not take waits, in order.
class stream {
public:
  virtual ~stream();

  /// Begins one read; `readable` follows, or `closed`. At most one at a time:
  /// not reading is how a sender is slowed down.
  virtual void read() = 0;

  /// The bytes of the last read; valid until the next `read`.
  virtual std::string_view input() const noexcept = 0;

  /// Appends bytes to what leaves at the end of the turn.
  virtual void write(std::string_view bytes) = 0;

  /// The same with a string of `take_buffer`, which is given back once it is
  /// sent, and not copied if nothing waits to be sent.
  virtual void write_all_of(std::string bytes) = 0;

  /// Appends bytes that others share; they are not copied.
  virtual void write(shared_bytes bytes) = 0;

  /// What the kernel did not take yet.
  virtual std::size_t unsent() const noexcept = 0;

  /// How many bytes the kernel took so far. Over TLS these are not those that
  /// were written, nor as many.
  virtual std::uint64_t sent() const noexcept = 0;

  /// Tells `drained` when what is unsent now has left, also if the kernel takes
  /// it at once. Without this only the end of a wait is told.
  virtual void tell_drained() = 0;

  /// In so many pieces.
  virtual std::size_t pieces() const noexcept = 0;

  /// The number of the socket, for people; -1 once it is closed.
  virtual int descriptor() const noexcept = 0;

  /// Closes once everything written has left, so that the last reply reaches
  /// the peer even if it sent more than was read; `closed` follows.
  virtual void finish() = 0;

  /// Closes at once; no event follows.
  virtual void close() = 0;

  /// Why `closed` was called: empty at the end of input.
  virtual const std::string& reason() const noexcept = 0;
};

/// A stream over a connected socket (TCP or UNIX), which becomes non-blocking.
/// Between two reads an idle one holds no buffer. `where` must outlive it.
std::shared_ptr<stream>
open_stream(loop& where, unique_fd socket, stream_events events);

} // namespace saker::io
