#include "process/spawn_step.hpp"
#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

class machine_budget_test : public machine_fixture {};

// -- budget --------------------------------------------------------------------

class budget_of_machine_test : public machine_fixture {
protected:
  /// Unexpected ends, one after the other, until it does not restart by itself.
  int crash_until_it_gives_up() {
    for (auto crashes = 1; crashes < 100; ++crashes) {
      ends(cause::exited(1));
      if (at() == state::backoff)
        advance(*look().next_at - now);
      if (at() != state::starting)
        return crashes;
      spawned();
    }
    return 0;
  }
};

TEST_F(budget_of_machine_test, more_than_five_ends_in_30_s_bring_a_rest) {
  bring_up();
  EXPECT_EQ(crash_until_it_gives_up(), 6);
  EXPECT_EQ(at(), state::resting);
  EXPECT_EQ(next(), "one more try in 5m");
  EXPECT_EQ(look().reason, "more than 5 unexpected ends in 30s; last: exit 1 "
                           "after 0s");
  EXPECT_EQ(said.back(), "resting");
}

TEST_F(budget_of_machine_test, after_the_rest_there_is_one_try) {
  bring_up();
  crash_until_it_gives_up();
  advance(5min);
  ASSERT_EQ(at(), state::starting);
  spawned();
  advance(29s);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::resting); // half open: the first end is too many
  EXPECT_EQ(look().reason, "ended again soon after a rest; last: exit 1 after "
                           "29s");
}

TEST_F(budget_of_machine_test, a_try_that_lives_closes_the_circuit) {
  bring_up();
  crash_until_it_gives_up();
  advance(5min);
  spawned();
  advance(30s);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(look().in_budget, 1u); // the budget is whole again
  advance(*look().next_at - now);
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::backoff);
}

TEST_F(budget_of_machine_test, spent_may_be_fatal_or_go_upwards) {
  with([](auto& x) { x.spent.what = spent_rule::action::fatal; });
  bring_up();
  crash_until_it_gives_up();
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(escalations, 0);
  with([](auto& x) { x.spent.what = spent_rule::action::escalate; });
  bring_up();
  crash_until_it_gives_up();
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(escalations, 1);
}

TEST_F(budget_of_machine_test, ends_that_were_asked_for_cost_nothing) {
  bring_up();
  for (auto i = 0; i < 20; ++i) {
    tell(event::restart{});
    ends(cause::signaled(SIGTERM));
    ASSERT_EQ(at(), state::starting);
    spawned();
  }
  EXPECT_EQ(look().in_budget, 0u);
  EXPECT_EQ(look().restarts, 0u); // nor are they automatic restarts
}

TEST_F(budget_of_machine_test, reset_ends_a_rest) {
  bring_up();
  crash_until_it_gives_up();
  advance(1min);
  auto before = spawns.size();
  tell(event::reset{1});
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns.size(), before + 1);
  EXPECT_EQ(look().reason, "");
  EXPECT_EQ(look().in_budget, 0u);
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(budget_of_machine_test, reset_ends_backoff_which_begins_anew) {
  bring_up();
  for (auto i = 0; i < 3; ++i) { // at once, then longer and longer
    ends(cause::exited(1));
    if (at() == state::backoff && i < 2)
      advance(*look().next_at - now);
    if (i < 2)
      spawned();
  }
  ASSERT_EQ(at(), state::backoff);
  auto restarts = look().restarts;
  tell(event::reset{1});
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(look().restarts, restarts); // it was asked for
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::starting); // the first restart is at once
}

TEST_F(budget_of_machine_test, reset_starts_nothing_while_saker_ends) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  ASSERT_EQ(at(), state::backoff);
  tell(event::shutdown{});
  forget_all();
  tell(event::reset{1});
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
}

TEST_F(budget_of_machine_test, reset_while_running_clears_what_was_counted) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  tell(event::reset{1});
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(crash_until_it_gives_up(), 6);
}

TEST_F(budget_of_machine_test, reset_of_a_failed_one_does_not_start_it) {
  start();
  refused("exec", ENOENT);
  forget_all();
  tell(event::reset{1, {"amy", 3}});
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(text(1), "stopped: reset by amy; a start is needed");
  EXPECT_EQ(said, (strings{"stopped"}));
  EXPECT_TRUE(look().wanted_up); // nobody has said anything else
  EXPECT_TRUE(spawns.empty());
  start(2);
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(look().reason, "");
}

TEST_F(budget_of_machine_test, what_was_reset_stays_so_over_a_dead_node) {
  start();
  refused("exec", ENOENT);
  tell(event::reset{});
  memory x;
  x.kept = kept;
  make(plain());
  wake(x);
  EXPECT_EQ(at(), state::stopped);
  // An orderly end is the end of that: then Saker starts what is wanted.
  tell(event::shutdown{});
  x.kept = kept;
  make(plain());
  wake(x);
  EXPECT_EQ(at(), state::starting);
}

// -- the limit over all --------------------------------------------------------

TEST_F(machine_budget_test, waits_for_the_limit_of_restarts_over_all_services) {
  limit = std::make_unique<restart_limit>(100ms, 1);
  make(plain());
  bring_up();
  limit->reserve(now); // somebody else was first
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "start in 100ms");
  EXPECT_EQ(look().reason,
            "the limit of restarts over all services is reached");
  advance(100ms);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_budget_test, starts_by_hand_know_no_limit) {
  limit = std::make_unique<restart_limit>(1h, 1);
  limit->reserve(now);
  make(plain());
  start(1);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_budget_test, start_while_waiting_does_not_wait_any_more) {
  limit = std::make_unique<restart_limit>(1h, 1);
  make(plain());
  bring_up();
  limit->reserve(now);
  ends(cause::exited(1));
  ASSERT_EQ(at(), state::waiting);
  start();
  EXPECT_EQ(at(), state::starting);
}

} // namespace
} // namespace saker::supervision
