#include "io/asio_descriptor.hpp"

#include <boost/asio/detail/epoll_reactor.hpp>

namespace saker::io {

namespace {

using reactor = boost::asio::detail::epoll_reactor;

int epoll_descriptor(reactor& x);

/// An explicit instantiation may name a private member: the one legal way to
/// it. Another Boost than 1.81 has to compile this, or tell.
template <int reactor::*Member>
struct reader {
  friend int epoll_descriptor(reactor& x) {
    return x.*Member;
  }
};

template struct reader<&reactor::epoll_fd_>;

} // namespace

int descriptor_of(boost::asio::io_context& context) {
  auto& x = boost::asio::use_service<reactor>(context);
  x.init_task();
  return epoll_descriptor(x);
}

} // namespace saker::io
