#include "io/quiet_watch.hpp"

#include <utility>

namespace saker::io {

namespace {

class quiet_watch final : public fd_watch,
                          public poll_source,
                          public std::enable_shared_from_this<quiet_watch> {
public:
  quiet_watch(poller& by, int fd) : poller_(by), fd_(fd) {
    // nop
  }

  ~quiet_watch() override {
    poller_.remove(*this);
  }

  void when_readable(std::function<void()> then) override {
    if (fd_ < 0 || readable_)
      return;
    readable_ = std::move(then);
    watch();
  }

  void when_writable(std::function<void()> then) override {
    if (fd_ < 0 || writable_)
      return;
    writable_ = std::move(then);
    watch();
  }

  void close() override {
    poller_.remove(*this);
    watched_ = false;
    fd_ = -1;
    readable_ = writable_ = nullptr;
  }

  void ready(std::uint32_t events) override {
    auto alive = shared_from_this(); // whoever is told may let go of us
    auto end = (events & (EPOLLERR | EPOLLHUP)) != 0;
    std::function<void()> first;
    std::function<void()> second;
    if (end || (events & EPOLLIN) != 0)
      first = std::exchange(readable_, nullptr);
    if (end || (events & EPOLLOUT) != 0)
      second = std::exchange(writable_, nullptr);
    if (end && !first && !second) {
      // An end is told whether it is wanted or not, again and again.
      poller_.remove(*this);
      watched_ = false;
      return;
    }
    watch();
    if (first)
      first();
    if (second && fd_ >= 0)
      second();
  }

private:
  void watch() {
    std::uint32_t wanted = (readable_ ? EPOLLIN : 0u)
                           | (writable_ ? EPOLLOUT : 0u);
    if (watched_)
      poller_.want(wanted, *this);
    else if (wanted != 0)
      watched_ = poller_.add(fd_, wanted, *this) == 0;
  }

  poller& poller_;
  int fd_;
  bool watched_ = false;
  std::function<void()> readable_;
  std::function<void()> writable_;
};

} // namespace

std::shared_ptr<fd_watch> watch_quietly(poller& by, int fd) {
  return std::make_shared<quiet_watch>(by, fd);
}

} // namespace saker::io
