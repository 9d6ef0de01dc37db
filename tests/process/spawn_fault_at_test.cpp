#include "process/spawn.hpp"
#include "tests/process/spawn_failure_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker::process {
namespace {

using namespace test;

using spawn_failure_test = spawn_failure_world;

// T-C18: a failure at every step.
class spawn_fault_at : public spawn_failure_world,
                       public testing::WithParamInterface<std::size_t> {
protected:
  spawn_fault fault(spawn_fault::kind kind, int error = 0) const {
    return {static_cast<spawn_step>(GetParam()), kind, error};
  }

  bool in_child() const {
    return static_cast<spawn_step>(GetParam()) > spawn_step::fork;
  }
};

TEST_P(spawn_fault_at, is_told_with_its_step_and_errno) {
  auto x = fault(spawn_fault::kind::fail, EUCLEAN);
  auto why = failure_of(what, x);
  EXPECT_EQ(why.step, x.step);
  EXPECT_EQ(why.error, EUCLEAN);
}

TEST_P(spawn_fault_at, may_be_an_exception) {
  auto x = fault(spawn_fault::kind::bad_alloc);
  auto why = failure_of(what, x);
  EXPECT_EQ(why.step, x.step);
  EXPECT_EQ(why.error, ENOMEM);
}

TEST_P(spawn_fault_at, may_be_the_end_of_the_child) {
  auto x = fault(spawn_fault::kind::die);
  if (x.step == spawn_step::exec)
    return; // looks like a program that was killed at its first instruction
  auto why = failure_of(what, x);
  EXPECT_EQ(why.step, x.step);
  EXPECT_EQ(why.error, in_child() ? 0 : ENOMEM);
}

TEST_P(spawn_fault_at, may_be_a_set_up_that_hangs_and_delays_nobody) {
  auto x = fault(spawn_fault::kind::hang);
  if (!in_child())
    return; // nothing there waits for anybody
  auto hung = hands.spawn(what, x);
  ASSERT_TRUE(hung);
  ASSERT_TRUE(await_step(hung->report, x.step));
  auto other = hands.spawn(what);
  ASSERT_TRUE(other);
  EXPECT_EQ(finish(other->report), spawn_progress{spawn_done{}});
  EXPECT_TRUE(await_end(other->pidfd.get()));
  EXPECT_EQ(hung->report.read(),
            (spawn_progress{spawn_pending{x.step, subject_of(what, x.step)}}));
  signal_process(hung->pidfd.get(), SIGKILL);
  EXPECT_TRUE(await_end(hung->pidfd.get()));
}

INSTANTIATE_TEST_SUITE_P(every_step, spawn_fault_at,
                         testing::Range(std::size_t{1}, spawn_steps),
                         [](const testing::TestParamInfo<std::size_t>& x) {
                           return std::string{
                             to_string(static_cast<spawn_step>(x.param))};
                         });

TEST_F(spawn_failure_test, may_be_a_real_file_that_hangs) {
  ASSERT_EQ(::mkfifo((dir / "never").c_str(), 0600), 0);
  what.input = dir / "never"; // nobody writes: open waits
  auto hung = hands.spawn(what);
  ASSERT_TRUE(hung);
  ASSERT_TRUE(await_step(hung->report, spawn_step::files));
  EXPECT_EQ(hung->report.pending(),
            (spawn_pending{spawn_step::files, what.input}));
  signal_process(hung->pidfd.get(), SIGKILL);
  auto end = await_end(hung->pidfd.get());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, exit_status::signaled(SIGKILL));
  EXPECT_EQ(finish(hung->report),
            (spawn_progress{spawn_failure{spawn_step::files, 0, what.input}}));
}

TEST_F(spawn_failure_test, keeps_signals_from_a_child_that_is_not_ready) {
  auto hung = hands.spawn(
    what, spawn_fault{spawn_step::mask, spawn_fault::kind::hang, 0});
  ASSERT_TRUE(hung);
  ASSERT_TRUE(await_step(hung->report, spawn_step::mask));
  auto blocked = std::stoull(status_field(hung->pid, "SigBlk"), nullptr, 16);
  for (auto number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1, SIGRTMIN})
    EXPECT_TRUE(blocked >> (number - 1) & 1) << number;
  signal_process(hung->pidfd.get(), SIGKILL);
  EXPECT_TRUE(await_end(hung->pidfd.get()));
}

} // namespace
} // namespace saker::process
