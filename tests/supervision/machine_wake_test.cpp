#include "supervision/machine.hpp"
#include "tests/supervision/machine_wake_world.hpp"

#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_wake_test = machine_wake_world;

TEST_F(machine_wake_test, a_child_that_runs_on_keeps_state_and_times) {
  bring_up();
  auto before = look();
  die(child::running, 3s);
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(look().since, before.since);
  EXPECT_EQ(look().started, before.started);
  EXPECT_EQ(look().pid, before.pid);
  EXPECT_TRUE(look().ready);
  EXPECT_TRUE(said.empty());
  EXPECT_TRUE(spawns.empty());
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(notes, 0); // nothing new to remember
}

TEST_F(machine_wake_test, a_start_that_was_not_heard_is_made_again) {
  start();
  die(child::none);
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns, (std::vector<std::uint64_t>{2}));
}

TEST_F(machine_wake_test, a_start_whose_exec_is_open_goes_on) {
  start();
  die(child::spawning, 10s);
  EXPECT_EQ(at(), state::starting);
  EXPECT_TRUE(spawns.empty());
  spawned();
  EXPECT_EQ(at(), state::running);
}

TEST_F(machine_wake_test, the_start_timeout_counts_the_time_away) {
  start();
  die(child::spawning, 31s);
  advance(machine::head_start);
  EXPECT_EQ(at(), state::stopping);
}

TEST_F(machine_wake_test, a_start_that_succeeded_meanwhile_is_running) {
  start();
  die(child::running, 1s);
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(said, (strings{"running", "ready"}));
}

TEST_F(machine_wake_test, backoff_goes_on_where_it_was) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  ASSERT_EQ(at(), state::backoff);
  auto due = *look().next_at;
  die(child::none, 50ms);
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(look().next_at, due);
  advance(due - now);
  EXPECT_EQ(at(), state::starting);
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::backoff);
  EXPECT_GE(*look().next_at - now, 300ms); // the step was kept
}

TEST_F(machine_wake_test, a_backoff_that_ended_while_away_is_over) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  die(child::none, 1min);
  advance(0s);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_wake_test, the_budget_is_kept) {
  bring_up();
  for (auto i = 0; i < 5; ++i) {
    ends(cause::exited(1));
    if (at() == state::backoff)
      advance(*look().next_at - now);
    spawned();
  }
  EXPECT_EQ(look().in_budget, 5u);
  die(child::running);
  EXPECT_EQ(look().in_budget, 5u);
  EXPECT_EQ(look().restarts, 5u);
  EXPECT_EQ(look().recent.count(now), 5u);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::resting);
}

TEST_F(machine_wake_test, a_rest_goes_on_and_stays_half_open) {
  bring_up();
  for (auto i = 0; i < 6; ++i) {
    if (at() == state::backoff)
      advance(*look().next_at - now);
    if (at() == state::starting)
      spawned();
    ends(cause::exited(1));
  }
  ASSERT_EQ(at(), state::resting);
  die(child::none, 1min);
  EXPECT_EQ(next(), "one more try in 4m");
  advance(4min);
  spawned();
  die(child::running);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::resting);
}

TEST_F(machine_wake_test, the_ladder_goes_on_where_it_was) {
  bring_up();
  stop();
  die(child::running, 4s, false);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_TRUE(signals.empty()); // SIGTERM was sent
  EXPECT_EQ(next(), "SIGKILL in 6s");
  advance(6s);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, kill_scope::tree}}));
}

TEST_F(machine_wake_test, a_restart_that_was_begun_is_finished) {
  bring_up();
  tell(event::restart{});
  die(child::running, 1s);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_wake_test, failed_and_done_stay_what_they_are) {
  start();
  refused("exec", 2);
  die(child::none, 1h);
  EXPECT_EQ(at(), state::failed);
  auto x = plain();
  x.exit = *exit_table::named("transient");
  make(x);
  bring_up();
  ends(cause::exited(0));
  die(child::none, 1h);
  EXPECT_EQ(at(), state::done);
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_wake_test, a_child_of_which_there_is_no_note_is_adopted) {
  memory x;
  x.present = child::running;
  x.spawn_id = 40;
  x.pid = 4107;
  x.started = now - 1h;
  wake(x);
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(said, (strings{"adopted", "running", "ready"}));
  EXPECT_EQ(look().pid, 4107);
  EXPECT_EQ(uptime(look(), now), 1h);
  EXPECT_TRUE(spawns.empty());
  ends(cause::exited(1));
  EXPECT_EQ(spawns, (std::vector<std::uint64_t>{41})); // numbers go on
}

TEST_F(machine_wake_test, a_new_keeper_is_told_but_changes_nothing) {
  bring_up();
  auto before = look();
  die(child::running, 3s, true, true);
  EXPECT_EQ(said, (strings{"adopted"}));
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(look().since, before.since);
}

} // namespace
} // namespace saker::supervision
