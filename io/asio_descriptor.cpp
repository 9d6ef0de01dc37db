#include "io/asio_descriptor.hpp"

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/op_queue.hpp>

namespace saker::io {

namespace {

using boost::asio::detail::epoll_reactor;
using boost::asio::detail::op_queue_access;
using boost::asio::detail::scheduler;
using operation = boost::asio::detail::scheduler_operation;

int epoll_descriptor(epoll_reactor& x);
operation* first_handler(scheduler& x);
operation* look_at_descriptors(scheduler& x);

/// An explicit instantiation may name a private member: the one legal way to
/// it. Another Boost than 1.81 has to compile this, or tell.
template <auto Descriptor>
struct reactor_reader {
  friend int epoll_descriptor(epoll_reactor& x) {
    return x.*Descriptor;
  }
};

template struct reactor_reader<&epoll_reactor::epoll_fd_>;

template <auto Queue, auto Look>
struct scheduler_reader {
  friend operation* first_handler(scheduler& x) {
    return (x.*Queue).front();
  }
  friend operation* look_at_descriptors(scheduler& x) {
    return &(x.*Look);
  }
};

template struct scheduler_reader<&scheduler::op_queue_,
                                 &scheduler::task_operation_>;

} // namespace

int descriptor_of(boost::asio::io_context& context) {
  auto& x = boost::asio::use_service<epoll_reactor>(context);
  x.init_task();
  return epoll_descriptor(x);
}

asio_queue::asio_queue(boost::asio::io_context& context)
  : scheduler_(boost::asio::use_service<scheduler>(context)) {
  // nop
}

// There is always an entry that looks at descriptors.
bool asio_queue::empty() const noexcept {
  auto* first = first_handler(scheduler_);
  return first == look_at_descriptors(scheduler_)
         && op_queue_access::next(first) == nullptr;
}

} // namespace saker::io
