#include "io/poller.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace saker::io {
namespace {

struct source : poll_source {
  void ready(std::uint32_t events) override {
    ++told;
    last = events;
    if (then)
      then();
  }

  int told = 0;
  std::uint32_t last = 0;
  std::function<void()> then;
};

struct pair {
  pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    near.reset(ends[0]);
    far.reset(ends[1]);
  }

  unique_fd near;
  unique_fd far;
};

TEST(poller_test, tells_again_while_it_lasts) {
  poller uut;
  pair sockets;
  source x;
  ASSERT_EQ(uut.add(sockets.near.get(), EPOLLIN, x), 0);
  EXPECT_FALSE(uut.look(0));
  ASSERT_EQ(::write(sockets.far.get(), "x", 1), 1);
  EXPECT_TRUE(uut.look(0));
  EXPECT_TRUE(uut.look(0));
  EXPECT_EQ(x.told, 2);
  EXPECT_EQ(x.last, EPOLLIN);
}

TEST(poller_test, tells_only_what_is_wanted) {
  poller uut;
  pair sockets;
  source x;
  ASSERT_EQ(uut.add(sockets.near.get(), EPOLLIN, x), 0);
  ASSERT_EQ(::write(sockets.far.get(), "x", 1), 1);
  uut.want(0, x);
  EXPECT_FALSE(uut.look(0));
  uut.want(EPOLLOUT, x);
  EXPECT_TRUE(uut.look(0));
  EXPECT_EQ(x.last, EPOLLOUT);
}

TEST(poller_test, says_why_a_descriptor_cannot_be_watched) {
  poller uut;
  source x;
  EXPECT_EQ(uut.add(-1, EPOLLIN, x), EBADF);
}

TEST(poller_test, tells_nothing_to_those_removed_while_others_are_told) {
  poller uut;
  pair one;
  pair two;
  source x;
  auto y = std::make_unique<source>();
  ASSERT_EQ(uut.add(one.near.get(), EPOLLIN, x), 0);
  ASSERT_EQ(uut.add(two.near.get(), EPOLLIN, *y), 0);
  // Both are ready; whoever comes first removes the other.
  auto told = 0;
  x.then = [&] {
    ++told;
    y.reset();
  };
  y->then = [&] {
    ++told;
    uut.remove(x);
  };
  ASSERT_EQ(::write(one.far.get(), "x", 1), 1);
  ASSERT_EQ(::write(two.far.get(), "x", 1), 1);
  EXPECT_TRUE(uut.look(0));
  EXPECT_EQ(told, 1);
}

TEST(poller_test, may_be_told_to_remove_itself) {
  poller uut;
  pair sockets;
  source x;
  x.then = [&] { uut.remove(x); };
  ASSERT_EQ(uut.add(sockets.near.get(), EPOLLIN, x), 0);
  ASSERT_EQ(::write(sockets.far.get(), "x", 1), 1);
  EXPECT_TRUE(uut.look(0));
  EXPECT_FALSE(uut.look(0));
  EXPECT_EQ(x.told, 1);
}

TEST(poller_test, forgets_a_source_that_is_destroyed) {
  poller uut;
  pair sockets;
  {
    source x;
    ASSERT_EQ(uut.add(sockets.near.get(), EPOLLIN, x), 0);
  }
  ASSERT_EQ(::write(sockets.far.get(), "x", 1), 1);
  EXPECT_FALSE(uut.look(0));
}

TEST(poller_test, rings_once_for_each_wake) {
  poller uut;
  uut.wake();
  EXPECT_TRUE(uut.look(0));
  EXPECT_FALSE(uut.look(0));
  std::thread other{[&] { uut.wake(); }};
  // A signal ends a look too, and the kernel interrupts a thread when a ring that
  // it had is taken apart: in the tests before this one.
  EXPECT_TRUE(uut.look(-1) || uut.look(-1));
  other.join();
}

} // namespace
} // namespace saker::io
