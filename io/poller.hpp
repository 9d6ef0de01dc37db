#pragma once

#include "base/unique_fd.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include <sys/epoll.h>

namespace saker::io {

class poller;

/// A descriptor as a `poller` sees it: what is wanted of it and who hears.
/// Embedded in its owner; leaves the poller when destroyed.
class poll_source {
public:
  poll_source() = default;
  poll_source(const poll_source&) = delete;
  poll_source& operator=(const poll_source&) = delete;
  virtual ~poll_source();

  /// `events` are of EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP; the last two come
  /// without being asked for. Told again at each look while they last.
  virtual void ready(std::uint32_t events) = 0;

private:
  friend class poller;
  poller* in_ = nullptr;
  int fd_ = -1;
  std::uint32_t wanted_ = 0;
};

/// Level-triggered epoll(7): a read that is done when its data are there, and
/// not before, is one system call; a reactor that tries first makes two, one
/// that asks each time another. One thread, but for `wake`.
class poller {
public:
  /// Throws std::system_error when the kernel has no descriptors left.
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Watches `fd`, which stays the caller's. Returns 0 or an errno.
  int add(int fd, std::uint32_t events, poll_source& who);

  /// Wants other events; asks the kernel only if they differ.
  void want(std::uint32_t events, poll_source& who);

  /// Nothing is told any more; to be said before the descriptor is closed.
  void remove(poll_source& who) noexcept;

  /// Tells what is ready; waits for it at most `timeout` ms, -1: for ever.
  /// Returns whether anything was.
  bool look(int timeout);

  /// Makes `look` return. Any thread.
  void wake() noexcept;

private:
  static constexpr std::size_t events_per_look = 256;

  unique_fd epoll_;
  unique_fd bell_;
  std::array<epoll_event, events_per_look> batch_{};
  std::size_t next_ = 0; ///< of the batch, while it is told
  std::size_t end_ = 0;
};

} // namespace saker::io
