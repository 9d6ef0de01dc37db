#include "process/wait.hpp"

#include "tests/process/children.hpp"

#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

class wait_test : public spawning_test {};

TEST_F(wait_test, finds_nothing_while_the_child_runs) {
  auto what = shell("kill -STOP $$");
  auto& child = run(what);
  auto peeked = peek(child.pidfd.get());
  ASSERT_TRUE(peeked);
  EXPECT_EQ(*peeked, std::nullopt);
  auto reaped = reap(child.pidfd.get());
  ASSERT_TRUE(reaped);
  EXPECT_FALSE(*reaped);
  EXPECT_FALSE(has_ended(child.pidfd.get()));
}

TEST_F(wait_test, tells_how_it_ended_before_it_is_reaped) {
  auto& child = run(shell("exit 42"));
  ASSERT_TRUE(await_readable(child.pidfd.get()));
  EXPECT_TRUE(has_ended(child.pidfd.get()));
  for (auto i = 0; i < 2; ++i) {
    auto peeked = peek(child.pidfd.get());
    ASSERT_TRUE(peeked);
    EXPECT_EQ(*peeked, exit_status::exited(42));
  }
  EXPECT_EQ(read_stat(child.pid)->state, 'Z');
  auto reaped = reap(child.pidfd.get());
  ASSERT_TRUE(reaped && *reaped);
  EXPECT_EQ((*reaped)->pid, child.pid);
  EXPECT_EQ((*reaped)->status, exit_status::exited(42));
  EXPECT_GT((*reaped)->used.max_rss, 100'000u);
  EXPECT_FALSE(read_stat(child.pid));
  EXPECT_EQ(peek(child.pidfd.get()).error().code, errc::not_found);
  EXPECT_EQ(reap(child.pidfd.get()).error().code, errc::not_found);
  child.pidfd.reset();
}

TEST_F(wait_test, tells_the_signal_and_the_time_that_was_used) {
  auto& child = run(shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
                          "kill -9 $$"));
  auto end = await_end(child.pidfd.get());
  child.pidfd.reset();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, exit_status::signaled(SIGKILL));
  EXPECT_GT((end->used.user + end->used.system).count(), 0);
}

TEST_F(wait_test, signals_exactly_one_process) {
  auto& child = run(shell("echo up; kill -STOP $$"));
  EXPECT_EQ(line(), "up");
  EXPECT_TRUE(signal_process(child.pidfd.get(), 0));
  EXPECT_TRUE(signal_process(child.pidfd.get(), SIGTERM));
  EXPECT_TRUE(signal_process(child.pidfd.get(), SIGCONT));
  auto end = await_end(child.pidfd.get());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, exit_status::signaled(SIGTERM));
  EXPECT_EQ(signal_process(child.pidfd.get(), 0).error().code, errc::not_found);
  EXPECT_EQ(signal_process(-1, 0).error().code, errc::io);
  child.pidfd.reset();
}

TEST_F(wait_test, refuses_signals_that_do_not_exist) {
  auto& child = run(shell("kill -STOP $$"));
  EXPECT_EQ(signal_process(child.pidfd.get(), 777).error().code,
            errc::invalid_argument);
}

TEST_F(wait_test, reaches_the_whole_group_while_its_leader_is_not_reaped) {
  // The leader ends first; its pipe closes when the last of the group did.
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  unique_fd in{ends[0]};
  unique_fd out{ends[1]};
  auto what = shell("sleep 1000 & exit 0");
  what.out = {output_kind::descriptor, "", out.get()};
  auto& child = run(what);
  out.reset();
  ASSERT_TRUE(await_readable(child.pidfd.get()));
  EXPECT_FALSE(has_ended(in.get()));
  EXPECT_TRUE(signal_group(child.pid, SIGKILL));
  EXPECT_TRUE(await_readable(in.get()));
  char c = 0;
  EXPECT_EQ(::read(in.get(), &c, 1), 0);
}

TEST_F(wait_test, never_signals_our_own_group_or_everybody) {
  for (auto group : {0, 1, -1, -5})
    EXPECT_EQ(signal_group(group, SIGCONT).error().code,
              errc::invalid_argument);
}

TEST_F(wait_test, knows_the_end_of_a_stranger_where_the_kernel_tells) {
  // A grandchild, whose parent tells us its pid and reaps it when we say so.
  auto gate = dir / "gate";
  ASSERT_EQ(::mkfifo(gate.c_str(), 0600), 0);
  auto& child = run(shell("(read go < " + gate
                          + "; exit 7) & echo $!; wait; echo reaped; "
                            "kill -STOP $$"));
  auto stranger = open_process(std::stoi(line()));
  ASSERT_TRUE(stranger);
  EXPECT_EQ(status_of_stranger(stranger->pidfd.get()), std::nullopt);
  unique_fd go{::open(gate.c_str(), O_WRONLY | O_CLOEXEC)};
  ASSERT_EQ(::write(go.get(), "\n", 1), 1);
  EXPECT_EQ(line(), "reaped");
  EXPECT_TRUE(has_ended(stranger->pidfd.get()));
  EXPECT_EQ(reap(stranger->pidfd.get()).error().code, errc::not_found);
  auto status = status_of_stranger(stranger->pidfd.get());
  if (!status)
    GTEST_SKIP() << "this kernel has no PIDFD_GET_INFO (6.15)";
  EXPECT_EQ(*status, exit_status::exited(7));
  EXPECT_GT(child.pid, 0);
}

} // namespace
} // namespace saker::process
