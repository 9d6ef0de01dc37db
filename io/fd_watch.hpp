#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace saker::io {

/// Tells once when a descriptor that somebody else owns becomes readable or
/// writable. All calls and callbacks on the thread of the context.
class fd_watch {
public:
  virtual ~fd_watch();

  /// `then` is called once; an end or error counts as readable. Asking again
  /// before that changes nothing.
  virtual void when_readable(std::function<void()> then) = 0;
  virtual void when_writable(std::function<void()> then) = 0;

  /// Nothing is called any more. To be said before the descriptor is closed.
  virtual void close() = 0;
};

/// Watches `fd`, which must stay open until `close`.
std::shared_ptr<fd_watch> watch_fd(boost::asio::io_context& context, int fd);

} // namespace saker::io
