#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;
using child = memory::child;

class machine_wake_test : public testing::Test, protected machine_driver {
protected:
  /// The node dies and comes back: of the machine only the note is left, as
  /// bytes. `present` is what the keeper has.
  void die(child present, duration away = 0s, bool wanted_up = true,
           bool adopted = false) {
    auto bytes = encode(kept, now, 17s);
    auto spawn_id = uut->spawn_id();
    auto had = uut->pid();
    make(uut->definition());
    now += away;
    memory x;
    x.kept = *decode(bytes, 17s);
    x.wanted_up = wanted_up;
    x.present = present;
    x.spawn_id = present == child::none ? 0 : spawn_id;
    x.pid = present == child::running ? (had != 0 ? had : pid++) : 0;
    x.adopted = adopted;
    forget_all();
    wake(x);
  }
};

/// As SVRUN makes it.
service once() {
  auto x = machine_driver::plain();
  x.once = true;
  x.exit.set("0", {decision::action::done, {}});
  x.exit.set("*", {decision::action::fatal, {}});
  return x;
}

TEST_F(machine_wake_test, a_schedule_goes_on_without_the_reason_of_its_stop) {
  auto x = plain();
  x.when.at = {"0 * * * *", *cron::parse("0 * * * *")};
  make(x);
  wake();
  tell(event::shutdown{});
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(look().reason, "Saker is shutting down");
  die(child::none);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(look().reason, "");
}

TEST_F(machine_wake_test, a_command_is_not_run_again_after_a_broken_stop) {
  make(once());
  wake();
  EXPECT_EQ(spawns.size(), 1u); // somebody asked for it
  spawned();
  tell(event::shutdown{});
  EXPECT_EQ(at(), state::stopping);
  die(child::running);
  EXPECT_EQ(at(), state::stopping);
  ends(cause::exited(0));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
  die(child::ended); // between its note and its ACK
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_wake_test, a_command_runs_again_if_somebody_asked_for_it) {
  make(once());
  bring_up();
  tell(event::restart{{"amy", 1}});
  die(child::running);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(spawns.size(), 1u);
}

TEST_F(machine_wake_test, a_command_whose_start_failed_is_not_tried_again) {
  make(once());
  wake();
  refused("fork", EAGAIN);
  EXPECT_EQ(at(), state::failed);
  advance(1min);
  EXPECT_EQ(spawns.size(), 1u);
}

TEST_F(machine_wake_test, first_start_follows_what_is_wanted) {
  wake();
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns.size(), 1u);
  make(plain());
  memory unwanted;
  unwanted.wanted_up = false;
  forget_all();
  wake(unwanted);
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
  EXPECT_TRUE(said.empty());
}

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

TEST_F(machine_wake_test, an_end_while_away_is_told_once_with_its_uptime) {
  bring_up();
  auto died = now;
  die(child::ended, 3s);
  EXPECT_TRUE(said.empty());
  tell(event::exited{uut->spawn_id(), cause::exited(1), {9, 9}, died, 0});
  EXPECT_EQ(said, (strings{"exit", "starting"}));
  EXPECT_EQ(told[0].uptime, 1s);
  EXPECT_EQ(told[0].id, (event_id{9, 9}));
  EXPECT_EQ(acknowledged.size(), 1u);
}

TEST_F(machine_wake_test, an_end_that_is_in_the_note_keeps_its_number) {
  bring_up();
  auto spawn_id = uut->spawn_id();
  stop();
  ends(cause::signaled(SIGTERM));
  auto number = kept.ended_event;
  die(child::ended, 1s, false); // the note was written, the ACK was not
  tell(event::exited{spawn_id, cause::signaled(SIGTERM), {77, 7}, {}, 0});
  EXPECT_EQ(said, (strings{"exit"}));
  EXPECT_EQ(told[0].id, number);
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(acknowledged, (std::vector<std::uint64_t>{spawn_id}));
}

TEST_F(machine_wake_test, an_old_end_does_not_hurt_the_next_child) {
  bring_up();
  auto old = uut->spawn_id();
  ends(cause::exited(1));
  auto number = kept.ended_event;
  ASSERT_EQ(at(), state::starting);
  // Note written, neither ACK nor SPAWN were: the keeper has the old end.
  auto bytes = encode(kept, now, 0s);
  make(plain());
  memory x;
  x.kept = *decode(bytes, 0s);
  x.present = child::ended;
  x.spawn_id = old;
  forget_all();
  wake(x);
  tell(event::exited{old, cause::exited(1), {77, 7}, {}, 0});
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns, (std::vector<std::uint64_t>{old + 2}));
  EXPECT_EQ(said, (strings{"starting", "exit"}));
  EXPECT_EQ(told[1].id, number);
  EXPECT_EQ(look().restarts, 1u); // one restart, however often it was begun
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

TEST_F(machine_wake_test, a_child_that_is_gone_without_a_record_is_lost) {
  bring_up();
  die(child::none, 1s);
  EXPECT_EQ(said, (strings{"lost", "starting"}));
  EXPECT_EQ(told[0].from, state::running);
  EXPECT_EQ(told[1].from, state::lost);
  EXPECT_EQ(look().last.what, cause::kind::lost);
  EXPECT_EQ(spawns.size(), 1u);
  EXPECT_EQ(look().in_budget, 1u);
  EXPECT_TRUE(signals.empty()); // nobody is signalled on suspicion
}

TEST_F(machine_wake_test, a_start_meanwhile_follows_the_end_of_a_stop) {
  bring_up();
  stop();
  die(child::running, 1s, true);
  EXPECT_EQ(at(), state::stopping);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_wake_test, a_lost_child_that_is_not_wanted_stays_away) {
  bring_up();
  die(child::none, 1s, false);
  EXPECT_EQ(said, (strings{"lost", "stopped"}));
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_wake_test, a_lost_child_that_was_stopping_is_stopped) {
  bring_up();
  stop();
  die(child::none, 1s, false);
  EXPECT_EQ(at(), state::stopped);
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

TEST_F(machine_wake_test, an_end_of_which_there_is_no_note_is_judged) {
  memory x;
  x.present = child::ended;
  x.spawn_id = 40;
  wake(x);
  EXPECT_TRUE(spawns.empty());
  tell(event::exited{40, cause::exited(1), {9, 9}, {}, 0});
  EXPECT_EQ(said, (strings{"exit", "starting"}));
}

TEST_F(machine_wake_test, a_failed_start_of_which_there_is_no_note_is_judged) {
  memory x;
  x.present = child::ended;
  x.spawn_id = 40;
  wake(x);
  tell(event::refused{40, "exec", 2, "/x"});
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(said, (strings{"failed"}));
}

TEST_F(machine_wake_test, a_child_that_came_and_went_while_away_has_an_uptime) {
  start();
  auto bytes = encode(kept, now, 0s);
  make(plain());
  memory x;
  x.kept = *decode(bytes, 0s);
  x.present = child::ended;
  x.spawn_id = 1;
  x.started = now + 1s;
  now += 10s;
  forget_all();
  wake(x);
  tell(event::exited{1, cause::exited(1), {9, 9}, now - 5s, 0});
  EXPECT_EQ(told[0].uptime, 4s);
}

TEST_F(machine_wake_test, a_new_keeper_is_told_but_changes_nothing) {
  bring_up();
  auto before = look();
  die(child::running, 3s, true, true);
  EXPECT_EQ(said, (strings{"adopted"}));
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(look().since, before.since);
}

TEST_F(machine_wake_test, a_wish_that_changed_meanwhile_is_followed) {
  bring_up();
  die(child::running, 0s, false);
  EXPECT_EQ(at(), state::stopping);
  ends(cause::signaled(SIGTERM));
  die(child::none, 0s, true);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_wake_test, a_stop_meanwhile_ends_a_backoff) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  die(child::none, 0s, false);
  EXPECT_EQ(at(), state::stopped);
  EXPECT_FALSE(armed);
}

TEST_F(machine_wake_test, a_start_meanwhile_revives_a_failed_one) {
  start();
  refused("exec", 2);
  stop();
  ASSERT_EQ(at(), state::stopped);
  die(child::none, 0s, true);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_wake_test, an_unwanted_end_while_away_is_not_restarted) {
  bring_up();
  die(child::ended, 1s, false);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::stopped);
}

} // namespace
} // namespace saker::supervision
