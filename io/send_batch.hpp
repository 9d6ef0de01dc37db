#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <sys/types.h>
#include <sys/uio.h>

namespace saker::io {

class send_batch;

/// What came of a send: bytes that the kernel took of those offered, or a
/// negative errno.
struct send_result {
  ssize_t taken;
  std::size_t offered;
};

/// A socket that has something to send, as a `send_batch` sees it. Embedded in
/// its owner; leaves the batch when destroyed.
class send_source {
public:
  send_source() = default;
  send_source(const send_source&) = delete;
  send_source& operator=(const send_source&) = delete;
  virtual ~send_source();

  /// The socket, which must be non-blocking.
  virtual int send_to() const noexcept = 0;

  /// Fills in what to send now, from the front, and says how many parts that
  /// are: at least one. They must stay until `sent`.
  virtual std::size_t gather(std::span<iovec> parts) = 0;

  /// What came of it. May destroy any source of the batch and add some for the
  /// next one.
  virtual void sent(send_result what) = 0;

private:
  friend class send_batch;
  send_batch* in_ = nullptr;
  std::size_t index_ = 0;
};

/// What sockets send at the end of a turn. Two or more go to the kernel in one
/// system call, by io_uring(7), which costs half of a `send` for each; where the
/// kernel has none, or does not let us, each is sent by itself. Either way all
/// results are there when `send` returns: a socket that is full says so (EAGAIN)
/// instead of waiting in the ring. One thread.
class send_batch {
public:
  /// Opens a ring for `most` in one system call; 0 never asks for one.
  explicit send_batch(std::size_t most = 256);
  ~send_batch();
  send_batch(const send_batch&) = delete;
  send_batch& operator=(const send_batch&) = delete;

  /// Sends for `who` at the next `send`; once, however often it is said.
  void add(send_source& who);

  void remove(send_source& who) noexcept;

  /// Sends for all, in the order in which they came.
  void send();

  /// Whether sends can leave together.
  bool has_ring() const noexcept {
    return ring_ != nullptr;
  }

  /// How many sends left together with others, of all.
  std::size_t joined() const noexcept {
    return joined_;
  }

private:
  class ring;

  send_source* take(std::size_t i) noexcept;

  /// From this one of `now_` on; return the first that is left.
  std::size_t send_one(std::size_t i);
  std::size_t send_together(std::size_t first);

  const std::size_t most_;
  std::unique_ptr<ring> ring_;
  std::size_t joined_ = 0;
  std::vector<send_source*> waiting_;
  std::vector<send_source*> now_; // empty but for within send()
};

/// Sends for `who` with a system call of its own.
send_result send_alone(send_source& who);

} // namespace saker::io
