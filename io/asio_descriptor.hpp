#pragma once

#include <boost/asio/detail/scheduler.hpp>
#include <boost/asio/io_context.hpp>

namespace saker::io {

/// The epoll descriptor in which `context` waits, timers included: readable
/// when `poll` has something to do. Asio keeps it to itself, but whoever waits
/// for more than Asio has to wait for it. It belongs to the context.
///
/// What is posted to the context from outside of its handlers does not make it
/// readable: on its thread ask an `asio_queue` before waiting; other threads wake
/// the waiter themselves.
int descriptor_of(boost::asio::io_context& context);

/// The handlers of a context that wait to be run, whatever its descriptor says:
/// posted ones, or those of timers that were cancelled. On its thread.
class asio_queue {
public:
  explicit asio_queue(boost::asio::io_context& context);

  bool empty() const noexcept;

private:
  boost::asio::detail::scheduler& scheduler_;
};

} // namespace saker::io
