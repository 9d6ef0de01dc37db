#pragma once

#include <boost/asio/io_context.hpp>

namespace saker::io {

/// The epoll descriptor in which `context` waits, timers included: readable
/// when `poll` has something to do. Asio keeps it to itself, but whoever waits
/// for more than Asio has to wait for it. It belongs to the context.
///
/// What is posted to the context from outside of its handlers does not make it
/// readable: on its thread look with `poll` before waiting; other threads wake
/// the waiter themselves.
int descriptor_of(boost::asio::io_context& context);

} // namespace saker::io
