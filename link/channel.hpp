#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "resp/reply_parser.hpp"
#include "resp/value.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace saker::link {

/// One end of the socketpair: frames and descriptors, in order, never
/// blocking. It has no event loop: whoever owns it waits for `fd()` to become
/// readable (always) and writable (while `wants_write()`), then calls
/// `receive()` and `flush()`.
///
///     if (auto open = link.receive(); !open || !*open)
///       ended();
///     while (auto frame = link.next()) { … link.take(n) … }
///     if (link.broken())
///       complain(link.why());
///
/// Used by one thread at a time.
class channel {
public:
  /// Makes the socket non-blocking and close-on-exec.
  explicit channel(unique_fd socket);

  int fd() const noexcept {
    return socket_.get();
  }

  /// Queues one frame; descriptors go with its first byte and are closed here
  /// once the kernel has them. Nothing is written before `flush()`.
  void send(std::string frame, std::vector<unique_fd> fds = {});

  /// Writes what the kernel takes. Fails: `errc::closed` when the other end
  /// is gone, `errc::io`.
  result<void> flush();

  /// Forgets what is queued: nobody will read it.
  void drop_output();

  bool wants_write() const noexcept {
    return !out_.empty();
  }

  /// Bytes that are queued and not written: the sender's measure of a reader
  /// that does not read.
  std::size_t queued() const noexcept {
    return queued_;
  }

  /// Descriptors that are queued and not sent: open files of this process.
  std::size_t queued_fds() const noexcept {
    return queued_fds_;
  }

  /// Reads what is there, up to 256 KiB. False: the other end is closed (frames
  /// that came before are still in `next()`). Fails: `errc::limit` when this
  /// process may not open what it was sent, `errc::corrupt` for descriptors
  /// that nobody announced, `errc::io`.
  result<bool> receive();

  /// The next whole frame; nothing until more has come, or when broken.
  std::optional<resp::value> next();

  /// What came was no RESP, or beyond the limits of a frame; stays so.
  bool broken() const noexcept {
    return in_.failed();
  }

  const failure& why() const noexcept {
    return in_.why();
  }

  /// The next `count` descriptors that came, in order. Fails with `corrupt` if
  /// there are fewer: the frame lied.
  result<std::vector<unique_fd>> take(std::size_t count);

private:
  struct segment {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<unique_fd> fds;
  };

  result<bool> write_front();
  result<bool> read_once(std::size_t& budget);

  unique_fd socket_;
  std::deque<segment> out_;
  std::size_t queued_ = 0;
  std::size_t queued_fds_ = 0;
  resp::reply_parser in_;
  std::deque<unique_fd> received_;
};

/// Both ends of a new link, close-on-exec.
result<std::pair<unique_fd, unique_fd>> make_link();

} // namespace saker::link
