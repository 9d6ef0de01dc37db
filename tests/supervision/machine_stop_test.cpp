#include "process/spawn_step.hpp"
#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

class machine_stop_test : public machine_fixture {};

// -- stop ----------------------------------------------------------------------

TEST_F(machine_stop_test, stop_is_answered_when_the_first_signal_is_sent) {
  bring_up();
  stop(1);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGTERM, kill_scope::tree},
                                        {SIGCONT, kill_scope::tree}}));
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "stopping, pid 100: stopped by bob, SIGKILL in 10s");
  EXPECT_EQ(said, (strings{"stopping"}));
  EXPECT_EQ(event_named("stopping").next_at, now + 10s);
  advance(2s);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(said, (strings{"stopping", "exit", "stopped"}));
  EXPECT_EQ(event_named("exit").from, state::stopping);
  EXPECT_EQ(event_named("exit").to, state::stopped);
  EXPECT_EQ(look().reason, "stopped by bob");
  EXPECT_FALSE(armed);
}

TEST_F(machine_stop_test,
       t_c3_ladder_term_2s_quit_1s_kill_happens_at_0_2_and_3_s) {
  with([](auto& x) { x.stop = *parse_ladder("TERM 2s QUIT 1s KILL"); });
  bring_up();
  std::vector<std::pair<int, duration>> seen;
  auto began = now;
  stop();
  for (auto i = 0; i < 4000; ++i) {
    for (auto& [number, scope] : signals)
      seen.emplace_back(number, now - began);
    signals.clear();
    advance(1ms);
  }
  EXPECT_EQ(seen, (std::vector<std::pair<int, duration>>{{SIGTERM, 0s},
                                                         {SIGCONT, 0s},
                                                         {SIGQUIT, 2s},
                                                         {SIGCONT, 2s},
                                                         {SIGKILL, 3s}}));
}

TEST_F(machine_stop_test, what_survives_sigkill_is_stuck_until_it_ends) {
  bring_up();
  stop(1, 1min);
  advance(10s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, kill_scope::tree}));
  advance(5s - 1ns);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(next(), "stuck in 1ms");
  advance(1ns);
  EXPECT_EQ(at(), state::stuck);
  EXPECT_EQ(code(1), outcome::failed);
  EXPECT_EQ(text(1), "stuck, pid 100: it survived the end of its stop ladder");
  EXPECT_EQ(spawns.size(), 0u);
  ends(cause::signaled(SIGKILL));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_stop_test, start_of_a_stuck_one_waits_for_its_end) {
  bring_up();
  stop();
  advance(15s);
  start(1);
  EXPECT_EQ(at(), state::stuck);
  EXPECT_TRUE(spawns.empty());
  advance(5s);
  EXPECT_EQ(code(1), outcome::timeout);
  ends(cause::signaled(SIGKILL));
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns.size(), 1u);
}

TEST_F(machine_stop_test, stop_of_a_stuck_one_climbs_the_ladder_again) {
  bring_up();
  stop();
  advance(15s);
  signals.clear();
  stop();
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals.front(), (sent{SIGTERM, kill_scope::tree}));
}

TEST_F(machine_stop_test, stop_with_wait_is_answered_when_no_child_is_left) {
  bring_up();
  stop(1, 1min);
  EXPECT_TRUE(answers.empty());
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "stopped: stopped by bob");
}

TEST_F(machine_stop_test, stop_with_wait_ends_when_its_time_is_over) {
  bring_up();
  stop(1, 1s);
  advance(1s);
  EXPECT_EQ(code(1), outcome::timeout);
  EXPECT_EQ(text(1), "stopping, pid 100: stopped by bob, SIGKILL in 9s");
}

TEST_F(machine_stop_test, stop_before_exec_is_done_as_soon_as_it_fails) {
  start(1);
  stop(2);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(text(1), "stopped meanwhile by bob");
  EXPECT_EQ(code(1), outcome::failed);
  refused("cancelled", 0, "");
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(said, (strings{"starting", "stopping", "stopped"}));
  EXPECT_EQ(to_string(look().last), "cancelled");
  EXPECT_EQ(look().reason, "stopped by bob");
}

TEST_F(machine_stop_test, a_child_that_stop_kills_before_exec_was_cancelled) {
  start();
  stop();
  refused("cgroup", 0, "");
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(look().last.what, cause::kind::cancelled);
  // Whoever else kills it is another matter; and so is a step that fails.
  start();
  refused("cgroup", 0, "");
  EXPECT_EQ(look().last.what, cause::kind::exec);
  start();
  stop();
  refused("dir", ENOENT, "/x");
  EXPECT_EQ(look().last.what, cause::kind::exec);
}

TEST_F(machine_stop_test, a_start_that_somebody_cancelled_is_no_failed_exec) {
  start();
  refused("cancelled", 0, ""); // SVSIGNAL KILL while it is in line
  EXPECT_EQ(look().last.what, cause::kind::cancelled);
  EXPECT_NE(at(), state::failed);
}

TEST_F(machine_stop_test, a_child_that_comes_while_stopping_is_never_running) {
  start();
  stop();
  spawned();
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().pid, 100);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_stop_test, stop_ends_every_plan_to_restart) {
  for (auto crashes : {2, 6}) { // backoff, resting
    make(plain());
    bring_up();
    for (auto i = 0; i < crashes; ++i) {
      if (at() == state::backoff)
        advance(*look().next_at - now);
      if (at() == state::starting)
        spawned();
      ends(cause::exited(1));
    }
    ASSERT_EQ(at(), crashes == 2 ? state::backoff : state::resting);
    stop(1);
    EXPECT_EQ(at(), state::stopped);
    EXPECT_EQ(text(1), "stopped: stopped by bob");
    advance(1h);
    EXPECT_EQ(at(), state::stopped);
    answers.clear();
  }
}

TEST_F(machine_stop_test, start_while_stopping_starts_again_after_the_end) {
  bring_up();
  stop();
  start(1);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_TRUE(spawns.empty());
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(said, (strings{"stopping", "exit", "starting"}));
  spawned();
  advance(100ms);
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(machine_stop_test,
       a_stop_that_was_overtaken_has_seen_the_end_it_waited_for) {
  bring_up();
  stop(1, 1min);
  start(2);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "ended, and is started again");
  EXPECT_FALSE(answers.contains(2));
}

TEST_F(machine_stop_test, the_last_wish_counts) {
  bring_up();
  stop(1);
  start(2);
  stop(3);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(text(2), "stopped meanwhile by bob");
}

TEST_F(machine_stop_test, a_stop_command_runs_first_then_the_signals) {
  with([](auto& x) { x.stop = command_ladder({"webctl", "stop"}); });
  bring_up();
  stop(1);
  EXPECT_EQ(commands, 1);
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(next(), "SIGTERM in 10s");
  advance(10s);
  EXPECT_EQ(signals.front(), (sent{SIGTERM, kill_scope::tree}));
  advance(10s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, kill_scope::tree}));
  EXPECT_EQ(commands, 1);
}

TEST_F(machine_stop_test, signals_of_the_ladder_go_where_kill_says) {
  with([](auto& x) { x.kill = kill_scope::leader; });
  bring_up();
  stop();
  EXPECT_EQ(signals.front(), (sent{SIGTERM, kill_scope::leader}));
}

// -- restart -------------------------------------------------------------------

TEST_F(machine_stop_test, restart_stops_then_starts_and_answers_as_a_start) {
  bring_up();
  tell(event::restart{{"alice", 1}, 1, {}});
  EXPECT_EQ(at(), state::stopping);
  EXPECT_TRUE(spawns.empty());
  advance(1s);
  EXPECT_TRUE(answers.empty()); // the old child does not count
  ends(cause::signaled(SIGTERM));
  spawned();
  advance(100ms);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "running, pid 101");
}

TEST_F(machine_stop_test, restart_during_restart_is_one_restart) {
  bring_up();
  tell(event::restart{{"alice", 1}, 1, {}});
  tell(event::restart{{"alice", 1}, 2, {}});
  ends(cause::signaled(SIGTERM));
  spawned();
  advance(100ms);
  EXPECT_EQ(spawns.size(), 1u);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(code(2), outcome::done);
}

TEST_F(machine_stop_test, restart_of_what_does_not_run_starts_it) {
  tell(event::restart{{"alice", 1}, 1, {}});
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_stop_test, restart_only_if_up_leaves_others_alone) {
  tell(event::restart{{"alice", 1}, 1, {}, true});
  EXPECT_EQ(at(), state::stopped);
  EXPECT_FALSE(look().wanted_up);
  EXPECT_EQ(text(1), "not running: nothing done");
  bring_up();
  tell(event::restart{{"alice", 1}, 2, {}, true});
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().wanted_by.by, "alice");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_stop_test,
       a_strict_restart_waits_for_ready_but_not_for_a_second_try) {
  bring_up();
  tell(event::restart{{"alice", 1}, 1, 10s, false, true});
  ends(cause::signaled(SIGTERM)); // of the old one: asked for
  ASSERT_EQ(at(), state::starting);
  spawned();
  advance(100ms);
  EXPECT_EQ(code(1), outcome::done);
  tell(event::restart{{"alice", 1}, 2, 10s, false, true});
  ends(cause::signaled(SIGTERM));
  spawned();
  advance(20ms);
  ends(cause::exited(3));
  EXPECT_EQ(code(2), outcome::failed);
  EXPECT_EQ(text(2).substr(0, 16), "exit 3 after 20m");
}

TEST_F(machine_stop_test, restart_only_if_up_starts_nothing_that_is_stopped) {
  bring_up();
  stop();
  ASSERT_EQ(at(), state::stopping);
  tell(event::restart{{"alice", 1}, 1, {}, true});
  EXPECT_EQ(text(1), "not running: nothing done");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_stop_test, restart_only_if_up_is_no_wish_of_its_own) {
  bring_up();
  tell(event::restart{{"dora", 1}, 1, {}, true});
  EXPECT_EQ(look().wanted_by.by, "alice");
}

TEST_F(machine_stop_test, stop_during_restart_wins) {
  bring_up();
  tell(event::restart{{"alice", 1}, 1, {}});
  stop(2);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(code(1), outcome::failed);
}

} // namespace
} // namespace saker::supervision
