#include "io/quiet_watch.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace saker::io {
namespace {

class quiet_watch_test : public ::testing::Test {
protected:
  quiet_watch_test() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    out.reset(ends[0]);
    in.reset(ends[1]);
    uut = watch_quietly(kernel, out.get());
  }

  ~quiet_watch_test() override {
    uut->close();
  }

  void write() {
    ASSERT_EQ(::write(in.get(), "x", 1), 1);
  }

  void wait() {
    uut->when_readable([this] { ++told; });
  }

  poller kernel;
  unique_fd out;
  unique_fd in;
  std::shared_ptr<fd_watch> uut;
  int told = 0;
};

TEST_F(quiet_watch_test, tells_once) {
  wait();
  wait(); // changes nothing
  EXPECT_FALSE(kernel.look(0));
  write();
  EXPECT_TRUE(kernel.look(0));
  EXPECT_EQ(told, 1);
  kernel.look(0);
  EXPECT_EQ(told, 1);
}

TEST_F(quiet_watch_test, tells_at_once_what_was_there_before) {
  write();
  wait();
  EXPECT_TRUE(kernel.look(0));
  wait();
  EXPECT_TRUE(kernel.look(0));
  EXPECT_EQ(told, 2);
}

TEST_F(quiet_watch_test, wakes_nobody_while_it_is_not_waited_for) {
  wait();
  write();
  kernel.look(0);
  for (auto i = 0; i < 3; ++i) {
    write();
    EXPECT_FALSE(kernel.look(0));
  }
  wait();
  EXPECT_TRUE(kernel.look(0));
}

TEST_F(quiet_watch_test, is_not_kept_awake_by_an_end) {
  wait();
  in.reset();
  EXPECT_TRUE(kernel.look(0));
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(kernel.look(0)) << "it is told, and that was once too often";
  EXPECT_FALSE(kernel.look(0));
  wait();
  EXPECT_TRUE(kernel.look(0));
  EXPECT_EQ(told, 2);
}

TEST_F(quiet_watch_test, tells_when_one_can_write) {
  auto writes = watch_quietly(kernel, in.get());
  auto could = 0;
  writes->when_writable([&] { ++could; });
  EXPECT_TRUE(kernel.look(0));
  EXPECT_FALSE(kernel.look(0));
  EXPECT_EQ(could, 1);
  writes->close();
}

TEST_F(quiet_watch_test, tells_nothing_after_it_was_closed) {
  wait();
  write();
  uut->close();
  EXPECT_FALSE(kernel.look(0));
  wait();
  EXPECT_FALSE(kernel.look(0));
  EXPECT_EQ(told, 0);
}

TEST_F(quiet_watch_test, may_be_closed_while_it_tells) {
  write();
  uut->when_readable([this] {
    uut->close();
    uut.reset();
    ++told;
  });
  EXPECT_TRUE(kernel.look(0));
  EXPECT_EQ(told, 1);
  uut = watch_quietly(kernel, out.get());
}

} // namespace
} // namespace saker::io
