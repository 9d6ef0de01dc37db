#pragma once

#include "io/fd_watch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <poll.h>

namespace saker::test {

/// The kernel's readiness without a loop: nothing is told before the test
/// says so. As strict as epoll: one watch per descriptor, none after close.
class fake_watches {
public:
  std::function<std::shared_ptr<io::fd_watch>(int)> factory() {
    return [this](int fd) {
      EXPECT_GE(::fcntl(fd, F_GETFD), 0) << "watches a closed descriptor";
      EXPECT_FALSE(open_.contains(fd)) << "watched twice";
      open_[fd] = {};
      return std::make_shared<one>(this, fd);
    };
  }

  /// Tells of every descriptor that is waited for and readable now; once each.
  /// Returns of how many.
  std::size_t fire() {
    std::map<int, waiting> ready;
    for (auto& [fd, x] : open_) {
      pollfd about{fd, POLLIN, 0};
      if (x.readable && ::poll(&about, 1, 0) == 1)
        ready[fd].readable = std::exchange(x.readable, nullptr);
    }
    for (auto& [fd, x] : ready)
      x.readable();
    return ready.size();
  }

  /// Descriptors that are watched.
  std::size_t size() const {
    return open_.size();
  }

  /// Those of them that are waited for.
  std::size_t armed() const {
    std::size_t count = 0;
    for (auto& [fd, x] : open_)
      count += bool(x.readable);
    return count;
  }

private:
  struct waiting {
    std::function<void()> readable;
  };

  class one final : public io::fd_watch {
  public:
    one(fake_watches* owner, int fd) : owner_(owner), fd_(fd) {
      // nop
    }

    ~one() override {
      EXPECT_EQ(fd_, -1) << "not closed: what waits would keep it alive";
    }

    void when_readable(std::function<void()> then) override {
      auto i = owner_->open_.find(fd_);
      if (fd_ >= 0 && i != owner_->open_.end() && !i->second.readable)
        i->second.readable = std::move(then);
    }

    void when_writable(std::function<void()>) override {
      ADD_FAILURE() << "nobody writes here";
    }

    void close() override {
      if (fd_ < 0)
        return;
      EXPECT_GE(::fcntl(fd_, F_GETFD), 0) << "closed before its watch";
      owner_->open_.erase(std::exchange(fd_, -1));
    }

  private:
    fake_watches* owner_;
    int fd_;
  };

  std::map<int, waiting> open_;
};

} // namespace saker::test
