#include "io/poller.hpp"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>

namespace saker::io {

poll_source::~poll_source() {
  if (in_)
    in_->remove(*this);
}

poller::poller()
  : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
    bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  // Edge-triggered: a ring needs no answer, so nobody has to read it.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  if (!epoll_ || !bell_
      || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), &event) != 0)
    throw std::system_error{errno, std::generic_category(), "epoll"};
}

poller::~poller() {
  // nop
}

int poller::add(int fd, std::uint32_t events, poll_source& who) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return errno;
  who.in_ = this;
  who.fd_ = fd;
  who.wanted_ = events;
  return 0;
}

void poller::want(std::uint32_t events, poll_source& who) {
  if (who.in_ != this || who.wanted_ == events)
    return;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, who.fd_, &event) == 0)
    who.wanted_ = events;
}

void poller::remove(poll_source& who) noexcept {
  if (who.in_ != this)
    return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, who.fd_, nullptr);
  who.in_ = nullptr;
  who.fd_ = -1;
  // It may be in the batch that is being told.
  for (auto i = next_; i < end_; ++i)
    if (batch_[i].data.ptr == &who)
      batch_[i].data.ptr = nullptr;
}

bool poller::look(int timeout) {
  auto count = ::epoll_wait(epoll_.get(), batch_.data(), events_per_look,
                            timeout);
  if (count <= 0)
    return false; // nothing, or a signal
  end_ = static_cast<std::size_t>(count);
  for (next_ = 0; next_ < end_;) {
    auto event = batch_[next_++];
    if (event.data.ptr)
      static_cast<poll_source*>(event.data.ptr)->ready(event.events);
  }
  next_ = end_ = 0;
  return true;
}

void poller::wake() noexcept {
  std::uint64_t one = 1;
  // A counter that is full has rung already.
  (void)!::write(bell_.get(), &one, sizeof(one));
}

} // namespace saker::io
