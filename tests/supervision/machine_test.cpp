#include "supervision/machine.hpp"

#include "process/spawn_step.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

class machine_test : public testing::Test, protected machine_driver {
protected:
  /// Starts over with another definition.
  void with(std::function<void(service&)> change) {
    auto x = plain();
    change(x);
    make(std::move(x));
  }

  std::string text(ticket x) const {
    auto found = answers.find(x);
    return found == answers.end() ? "no answer" : found->second.text;
  }

  outcome code(ticket x) const {
    return answers.at(x).code;
  }

  const effect::publish& event_named(std::string_view name) const {
    for (auto& x : told)
      if (x.name == name)
        return x;
    static const effect::publish none{};
    return none;
  }
};

constexpr auto tree = kill_scope::tree;

// -- start ---------------------------------------------------------------------

TEST_F(machine_test, start_spawns_one_child_and_runs_when_exec_succeeded) {
  start();
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(said, (strings{"starting"}));
  spawned();
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(said, (strings{"starting", "running", "ready"}));
  EXPECT_EQ(look().pid, 100);
  EXPECT_TRUE(look().ready);
}

TEST_F(machine_test, start_spawns_once_however_often_it_is_told) {
  start();
  start();
  spawned();
  start();
  EXPECT_EQ(spawns.size(), 1u);
}

TEST_F(machine_test, start_is_answered_when_the_child_has_lived_for_100_ms) {
  start(1);
  advance(50ms);
  spawned();
  advance(99ms);
  EXPECT_TRUE(answers.empty());
  advance(1ms);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "running, pid 100");
}

TEST_F(machine_test, start_of_what_runs_is_answered_at_once) {
  bring_up();
  start(1);
  EXPECT_EQ(text(1), "running, pid 100");
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(machine_test, start_is_answered_with_the_cause_of_an_early_end) {
  start(1);
  spawned();
  advance(20ms);
  ends(cause::exited(3));
  EXPECT_EQ(code(1), outcome::failed);
  EXPECT_EQ(text(1), "exit 3 after 20ms; started again");
  EXPECT_TRUE(answers.at(1).with_output);
}

TEST_F(machine_test, start_of_a_job_that_is_done_in_no_time_is_a_success) {
  with([](auto& x) { x.exit = *exit_table::named("transient"); });
  start(1);
  spawned();
  advance(5ms);
  ends(cause::exited(0));
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "done: exit 0 after 5ms");
}

TEST_F(machine_test, start_is_answered_with_step_errno_and_path) {
  start(1);
  refused("exec", ENOENT, "/usr/bin/webb");
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(code(1), outcome::failed);
  auto why = process::failure_text("exec", ENOENT, "/usr/bin/webb");
  EXPECT_EQ(text(1), why);
  EXPECT_EQ(said, (strings{"starting", "failed"})); // never running, no exit
  EXPECT_EQ(event_named("failed").row, "exec");
  EXPECT_EQ(acknowledged, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(look().reason, why);
}

TEST_F(machine_test, a_failed_start_says_what_the_child_found_out) {
  start(1);
  tell(event::refused{uut->spawn_id(), "lookup", ENOENT, "ngnix",
                      "there is no user \"ngnix\" (did you mean \"nginx\"?)"});
  EXPECT_EQ(text(1), "look up ngnix: there is no user \"ngnix\" (did you mean "
                     "\"nginx\"?)");
  EXPECT_EQ(at(), state::failed);
}

TEST_F(machine_test, start_is_answered_after_five_seconds_at_the_latest) {
  start(1);
  advance(5s - 1ns);
  EXPECT_TRUE(answers.empty());
  advance(1ns);
  EXPECT_EQ(code(1), outcome::timeout);
  EXPECT_EQ(text(1), "starting");
}

TEST_F(machine_test, start_with_wait_goes_on_waiting_over_an_early_end) {
  start(1, 10s);
  spawned();
  advance(20ms);
  ends(cause::exited(1));
  EXPECT_TRUE(answers.empty());
  spawned();
  advance(100ms);
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(machine_test, start_with_wait_ends_when_its_time_is_over) {
  start(1, 300ms);
  advance(300ms);
  EXPECT_EQ(code(1), outcome::timeout);
}

TEST_F(machine_test, start_with_wait_fails_when_there_is_no_hope) {
  start(1, 10s);
  refused("dir", ENOENT, "/srv");
  EXPECT_EQ(code(1), outcome::failed);
  EXPECT_EQ(text(1),
            "change to directory /srv: No such file or directory (ENOENT)");
}

TEST_F(machine_test, start_clears_failed_budget_and_backoff) {
  with([](auto& x) {
    x.budget = {1, 1h};
    x.spent.what = spent_rule::action::fatal;
  });
  start();
  for (auto i = 0; i < 2; ++i) {
    spawned();
    ends(cause::exited(1));
  }
  ASSERT_EQ(at(), state::failed);
  start();
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(look().in_budget, 0u);
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::starting); // the first restart is immediate again
}

TEST_F(machine_test, start_during_backoff_does_not_wait_for_it) {
  start();
  for (auto i = 0; i < 2; ++i) {
    spawned();
    ends(cause::exited(1));
  }
  ASSERT_EQ(at(), state::backoff);
  start();
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, says_who_wanted_it_and_since_when) {
  start();
  EXPECT_TRUE(look().wanted_up);
  EXPECT_EQ(look().wanted_by, (stamp{"alice", 1}));
  stop();
  EXPECT_FALSE(look().wanted_up);
  EXPECT_EQ(look().wanted_by, (stamp{"bob", 2}));
}

TEST_F(machine_test, a_hanging_set_up_of_which_the_keeper_is_silent_is_killed) {
  start(1, 1min);
  advance(30s + machine::head_start - 1ns);
  EXPECT_TRUE(signals.empty());
  advance(1ns);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, tree}}));
  refused("dir", EINTR, "/nfs");
  EXPECT_EQ(at(), state::starting); // "*" = restart, the first one at once
  EXPECT_EQ(look().last.what, cause::kind::timeout);
  EXPECT_EQ(spawns.size(), 2u);
}

TEST_F(machine_test, a_start_timeout_told_by_the_keeper_is_the_same_cause) {
  with([](auto& x) { x.exit.set("timeout", {decision::action::fatal, {}}); });
  start();
  refused("timeout", ETIMEDOUT, "dir /nfs");
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(event_named("failed").row, "timeout");
  EXPECT_EQ(look().reason, "change to directory /nfs: no end within the start "
                           "timeout (timeout)");
}

TEST_F(machine_test, a_child_that_was_killed_before_exec_is_told_as_such) {
  start();
  refused("dir", 0, "/nfs");
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(look().reason,
            "change to directory /nfs: the child was killed meanwhile");
}

TEST_F(machine_test, lack_of_resources_is_retried_and_charged_to_nobody) {
  with([](auto& x) { x.budget = {0, 1h}; });
  start(1);
  refused("fork", EAGAIN, "web");
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(text(1),
            "fork for web: Resource temporarily unavailable (EAGAIN); backoff, "
            "restart in 1s");
  EXPECT_EQ(look().in_budget, 0u);
  advance(1s);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, a_start_that_fails_is_told_its_cause_once) {
  with([](auto& x) { x.exit.set("*", {decision::action::restart, 5s}); });
  start(1);
  spawned();
  advance(5ms);
  ends(cause::exited(1));
  EXPECT_EQ(text(1), "exit 1 after 5ms; backoff, restart in 5s");
}

TEST_F(machine_test, a_restart_that_spends_the_budget_is_told_so_once) {
  with([](auto& x) {
    x.budget = {0, 1h};
    x.spent = {spent_rule::action::rest, 5min};
  });
  bring_up();
  tell(event::restart{{"alice", 1}, 1, {}, false});
  ends(cause::signaled(SIGTERM)); // the old one, as asked
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(text(1), "more than 0 unexpected ends in 1h; last: exit 1 after "
                     "0s; resting, one more try in 5m");
}

TEST_F(machine_test, a_locked_pidfile_is_tried_again_and_its_holder_told) {
  start();
  tell(event::refused{uut->spawn_id(), "pidfile_lock", EAGAIN, "/run/web.pid",
                      "pid 12 (web) holds it"});
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(look().reason, "lock pidfile /run/web.pid: Resource temporarily "
                           "unavailable (EAGAIN): pid 12 (web) holds it");
  advance(1s);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, trouble_of_the_keeper_is_no_fault_of_the_service) {
  for (auto error : {ENOENT, ENOSPC, EDQUOT, EIO}) {
    start();
    refused("output", error, "web#0");
    EXPECT_EQ(at(), state::backoff) << error;
    EXPECT_EQ(look().last.what, cause::kind::resources);
    stop();
  }
  start();
  refused("pidfile_lock", ENOSPC, "/run/web.pid");
  EXPECT_EQ(at(), state::backoff);
}

TEST_F(machine_test, what_never_ran_for_lack_of_something_is_not_done) {
  with([](auto& x) { x.exit = *exit_table::named("temporary"); });
  start();
  refused("fork", EAGAIN, "job");
  EXPECT_EQ(at(), state::backoff);
  advance(1s);
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::done);
}

// -- ends ----------------------------------------------------------------------

TEST_F(machine_test, first_restart_is_immediate_and_told_in_order) {
  bring_up();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(said, (strings{"exit", "starting"}));
  EXPECT_EQ(spawns.size(), 1u);
  EXPECT_EQ(acknowledged, (std::vector<std::uint64_t>{1}));
  auto& exit = event_named("exit");
  EXPECT_EQ(exit.from, state::running);
  EXPECT_EQ(exit.to, state::starting);
  EXPECT_EQ(exit.why, cause::exited(1));
  EXPECT_EQ(exit.pid, 100);
  EXPECT_EQ(exit.uptime, 1s);
  EXPECT_EQ(exit.row, "*");
  EXPECT_EQ(exit.id, (event_id{1001, 0}));
  EXPECT_EQ(exit.reason, "exit 1 after 1s");
  EXPECT_FALSE(exit.next_at); // it is up again already
  EXPECT_EQ(event_named("starting").next, "start timeout");
  EXPECT_TRUE(event_named("starting").next_at);
  EXPECT_EQ(look().restarts, 1u);
  EXPECT_EQ(look().recent.count(now), 1u);
}

TEST_F(machine_test, the_note_is_written_before_anything_is_told) {
  bring_up();
  ends(cause::exited(1));
  EXPECT_TRUE(note_came_first);
  EXPECT_EQ(notes, 1);
  EXPECT_EQ(kept.ended_event, (event_id{1001, 0}));
  EXPECT_EQ(kept.ended_spawn, 1u);
  EXPECT_EQ(kept.spawn_id, 2u);
}

TEST_F(machine_test, further_restarts_wait_longer_and_longer) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(
    said, (strings{"exit", "starting", "running", "ready", "exit", "backoff"}));
  auto first = *look().next_at - now;
  EXPECT_GE(first, 150ms);
  EXPECT_LE(first, 250ms);
  EXPECT_EQ(event_named("backoff").next_at, look().next_at);
  EXPECT_EQ(event_named("backoff").next, "restart");
  advance(first - 1ns);
  EXPECT_EQ(at(), state::backoff);
  advance(1ns);
  EXPECT_EQ(at(), state::starting);
  spawned();
  ends(cause::exited(1));
  auto second = *look().next_at - now;
  EXPECT_GE(second, 300ms);
  EXPECT_LE(second, 500ms);
}

TEST_F(machine_test, backoff_starts_over_after_ten_healthy_minutes) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  advance(10min);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, a_row_may_say_how_long_to_wait) {
  with([](auto& x) { x.exit.set("SIGSEGV", {decision::action::restart, 5s}); });
  bring_up();
  ends(cause::signaled(SIGSEGV, true));
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(next(), "restart in 5s");
  EXPECT_EQ(look().reason, "SIGSEGV (core dumped) after 1s");
  EXPECT_EQ(look().row, "SIGSEGV");
  advance(5s);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, done_stays_done_and_costs_no_budget) {
  with([](auto& x) { x.exit = *exit_table::named("transient"); });
  bring_up();
  ends(cause::exited(0));
  EXPECT_EQ(at(), state::done);
  EXPECT_EQ(said, (strings{"exit", "done"}));
  EXPECT_EQ(event_named("exit").to, state::done);
  EXPECT_EQ(look().in_budget, 0u);
  advance(24h);
  EXPECT_EQ(at(), state::done);
  EXPECT_FALSE(armed);
}

TEST_F(machine_test, fatal_fails_at_once) {
  with([](auto& x) { x.exit.set("78", {decision::action::fatal, {}}); });
  bring_up();
  ends(cause::exited(78));
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(event_named("failed").row, "78");
  EXPECT_EQ(look().reason, "exit 78 after 1s");
  EXPECT_FALSE(armed);
}

TEST_F(machine_test, escalate_fails_and_says_so_upwards) {
  with([](auto& x) { x.exit.set("*", {decision::action::escalate, {}}); });
  bring_up();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(escalations, 1);
}

TEST_F(machine_test, shutdown_ends_all_with_the_status_of_the_child) {
  with([](auto& x) { x.exit.set("*", {decision::action::shutdown, {}}); });
  bring_up();
  ends(cause::exited(3));
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(exit_codes, (std::vector<int>{3}));
  start();
  spawned();
  ends(cause::signaled(SIGTERM));
  start();
  spawned();
  ends(cause::exited(0));
  EXPECT_EQ(at(), state::done);
  EXPECT_EQ(exit_codes, (std::vector<int>{3, 143, 0}));
}

TEST_F(machine_test, oom_is_told_beside_the_exit) {
  bring_up();
  ends({cause::kind::oom, SIGKILL, false});
  EXPECT_EQ(said, (strings{"exit", "oom", "starting"}));
}

TEST_F(machine_test, an_end_of_an_older_child_changes_nothing) {
  bring_up();
  tell(event::exited{77, cause::exited(1), {5, 0}, {}, 0});
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(acknowledged, (std::vector<std::uint64_t>{77}));
}

TEST_F(machine_test, the_uptime_is_that_of_the_child_not_of_the_message) {
  bring_up();
  tell(event::exited{1, cause::exited(1), {5, 0}, now - 400ms, 2});
  EXPECT_EQ(event_named("exit").uptime, 600ms);
  EXPECT_EQ(event_named("exit").orphans, 2u);
}

// -- budget --------------------------------------------------------------------

class budget_of_machine_test : public machine_test {
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

TEST_F(machine_test, waits_for_the_limit_of_restarts_over_all_services) {
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

TEST_F(machine_test, starts_by_hand_know_no_limit) {
  limit = std::make_unique<restart_limit>(1h, 1);
  limit->reserve(now);
  make(plain());
  start(1);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, start_while_waiting_does_not_wait_any_more) {
  limit = std::make_unique<restart_limit>(1h, 1);
  make(plain());
  bring_up();
  limit->reserve(now);
  ends(cause::exited(1));
  ASSERT_EQ(at(), state::waiting);
  start();
  EXPECT_EQ(at(), state::starting);
}

// -- stop ----------------------------------------------------------------------

TEST_F(machine_test, stop_is_answered_when_the_first_signal_is_sent) {
  bring_up();
  stop(1);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGTERM, tree}, {SIGCONT, tree}}));
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

TEST_F(machine_test, t_c3_ladder_term_2s_quit_1s_kill_happens_at_0_2_and_3_s) {
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

TEST_F(machine_test, what_survives_sigkill_is_stuck_until_it_ends) {
  bring_up();
  stop(1, 1min);
  advance(10s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, tree}));
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

TEST_F(machine_test, start_of_a_stuck_one_waits_for_its_end) {
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

TEST_F(machine_test, stop_of_a_stuck_one_climbs_the_ladder_again) {
  bring_up();
  stop();
  advance(15s);
  signals.clear();
  stop();
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals.front(), (sent{SIGTERM, tree}));
}

TEST_F(machine_test, stop_with_wait_is_answered_when_no_child_is_left) {
  bring_up();
  stop(1, 1min);
  EXPECT_TRUE(answers.empty());
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "stopped: stopped by bob");
}

TEST_F(machine_test, stop_with_wait_ends_when_its_time_is_over) {
  bring_up();
  stop(1, 1s);
  advance(1s);
  EXPECT_EQ(code(1), outcome::timeout);
  EXPECT_EQ(text(1), "stopping, pid 100: stopped by bob, SIGKILL in 9s");
}

TEST_F(machine_test, stop_before_exec_is_done_as_soon_as_it_fails) {
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

TEST_F(machine_test, a_child_that_stop_kills_before_exec_was_cancelled) {
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

TEST_F(machine_test, a_start_that_somebody_cancelled_is_no_failed_exec) {
  start();
  refused("cancelled", 0, ""); // SVSIGNAL KILL while it is in line
  EXPECT_EQ(look().last.what, cause::kind::cancelled);
  EXPECT_NE(at(), state::failed);
}

TEST_F(machine_test, a_child_that_comes_while_stopping_is_never_running) {
  start();
  stop();
  spawned();
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().pid, 100);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_test, stop_ends_every_plan_to_restart) {
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

TEST_F(machine_test, start_while_stopping_starts_again_after_the_end) {
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

TEST_F(machine_test, a_stop_that_was_overtaken_has_seen_the_end_it_waited_for) {
  bring_up();
  stop(1, 1min);
  start(2);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "ended, and is started again");
  EXPECT_FALSE(answers.contains(2));
}

TEST_F(machine_test, the_last_wish_counts) {
  bring_up();
  stop(1);
  start(2);
  stop(3);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(text(2), "stopped meanwhile by bob");
}

TEST_F(machine_test, a_stop_command_runs_first_then_the_signals) {
  with([](auto& x) { x.stop = command_ladder({"webctl", "stop"}); });
  bring_up();
  stop(1);
  EXPECT_EQ(commands, 1);
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(next(), "SIGTERM in 10s");
  advance(10s);
  EXPECT_EQ(signals.front(), (sent{SIGTERM, tree}));
  advance(10s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, tree}));
  EXPECT_EQ(commands, 1);
}

TEST_F(machine_test, signals_of_the_ladder_go_where_kill_says) {
  with([](auto& x) { x.kill = kill_scope::leader; });
  bring_up();
  stop();
  EXPECT_EQ(signals.front(), (sent{SIGTERM, kill_scope::leader}));
}

// -- restart -------------------------------------------------------------------

TEST_F(machine_test, restart_stops_then_starts_and_answers_as_a_start) {
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

TEST_F(machine_test, restart_during_restart_is_one_restart) {
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

TEST_F(machine_test, restart_of_what_does_not_run_starts_it) {
  tell(event::restart{{"alice", 1}, 1, {}});
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, restart_only_if_up_leaves_others_alone) {
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

TEST_F(machine_test,
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

TEST_F(machine_test, restart_only_if_up_starts_nothing_that_is_stopped) {
  bring_up();
  stop();
  ASSERT_EQ(at(), state::stopping);
  tell(event::restart{{"alice", 1}, 1, {}, true});
  EXPECT_EQ(text(1), "not running: nothing done");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_test, restart_only_if_up_is_no_wish_of_its_own) {
  bring_up();
  tell(event::restart{{"dora", 1}, 1, {}, true});
  EXPECT_EQ(look().wanted_by.by, "alice");
}

TEST_F(machine_test, stop_during_restart_wins) {
  bring_up();
  tell(event::restart{{"alice", 1}, 1, {}});
  stop(2);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(code(1), outcome::failed);
}

// -- signal, wait --------------------------------------------------------------

TEST_F(machine_test, signal_goes_to_the_child) {
  bring_up();
  tell(event::signal{SIGHUP, kill_scope::leader, 1});
  EXPECT_EQ(signals, (std::vector<sent>{{SIGHUP, kill_scope::leader}}));
  EXPECT_EQ(text(1), "sent"); // in the words of whoever carries it out
  EXPECT_EQ(at(), state::running);
}

TEST_F(machine_test, signal_is_refused_without_a_child) {
  tell(event::signal{SIGHUP, kill_scope::leader, 1});
  EXPECT_EQ(code(1), outcome::refused);
  EXPECT_EQ(text(1), "no process: it is stopped");
  EXPECT_TRUE(signals.empty());
}

TEST_F(machine_test, wait_is_answered_at_once_or_when_it_comes_true) {
  tell(event::wait{{state::stopped}, 1s, 1});
  EXPECT_EQ(code(1), outcome::done);
  tell(event::wait{{state::running, state::sick}, 1min, 2});
  EXPECT_FALSE(answers.contains(2));
  start();
  spawned();
  EXPECT_EQ(code(2), outcome::done);
}

TEST_F(machine_test, a_timer_of_an_earlier_phase_changes_nothing) {
  bring_up();
  stop();
  auto old = epoch;
  start();
  ends(cause::signaled(SIGTERM)); // starting: another timer
  ASSERT_NE(epoch, old);
  EXPECT_TRUE(uut->on(event::timer{old}, now + 1h).empty());
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_test, wait_ends_when_its_time_is_over) {
  tell(event::wait{{state::running}, 1s, 1});
  advance(1s - 1ns);
  EXPECT_TRUE(answers.empty());
  advance(1ns);
  EXPECT_EQ(code(1), outcome::timeout);
  EXPECT_FALSE(armed);
}

// -- definitions ---------------------------------------------------------------

class change_test : public machine_test {
protected:
  void change(bool restart, std::function<void(service&)> f) {
    auto x = uut->definition();
    f(x);
    tell(event::change{std::make_shared<const service>(x), restart});
  }
};

TEST_F(change_test, a_live_one_leaves_the_child_alone) {
  bring_up();
  change(false, [](auto& x) {
    x.stop = *parse_ladder("INT 1s KILL");
    x.exit.set("1", {decision::action::fatal, {}});
  });
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(signals.empty());
  stop();
  EXPECT_EQ(signals.front(), (sent{SIGINT, tree}));
}

TEST_F(change_test, a_live_one_counts_for_the_next_end) {
  bring_up();
  change(false, [](auto& x) {
    x.exit.set("1", {decision::action::fatal, {}});
  });
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::failed);
}

TEST_F(change_test, a_new_budget_counts_what_was_counted_before) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  change(false, [](auto& x) { x.budget = {1, 30s}; });
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::resting);
}

TEST_F(change_test, a_ladder_that_was_begun_is_climbed_to_its_end) {
  bring_up();
  stop();
  change(false, [](auto& x) { x.stop = *parse_ladder("INT"); });
  signals.clear();
  advance(10s);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, tree}}));
}

TEST_F(change_test, a_hard_one_replaces_the_child) {
  bring_up();
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(uut->definition().exec.front(), "/usr/bin/other");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(change_test, a_hard_one_gives_a_failed_service_another_chance) {
  start();
  refused("exec", ENOENT);
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  EXPECT_EQ(at(), state::starting);
}

TEST_F(change_test, does_not_start_what_was_stopped) {
  bring_up();
  stop();
  ends(cause::signaled(SIGTERM));
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(change_test, while_stopping_does_not_start_it_either) {
  bring_up();
  stop();
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_test, remove_stops_and_then_forgets) {
  bring_up();
  tell(event::remove{});
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(forgotten, 0);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(said, (strings{"stopping", "exit", "stopped"}));
  EXPECT_EQ(forgotten, 1);
  EXPECT_TRUE(uut->gone());
  EXPECT_FALSE(armed);
  start(9);
  EXPECT_EQ(code(9), outcome::refused);
  EXPECT_EQ(text(9), "it is no longer defined");
}

TEST_F(machine_test, to_forget_is_the_last_thing_that_is_said) {
  bring_up();
  tell(event::remove{});
  tell(event::wait{{state::failed}, 1min, 1});
  auto todo = uut->on(event::exited{1, cause::signaled(SIGTERM), {5, 0}, {}, 0},
                      now);
  ASSERT_FALSE(todo.empty());
  EXPECT_TRUE(std::holds_alternative<effect::forget>(todo.back()));
  EXPECT_TRUE(std::any_of(todo.begin(), todo.end(), [](auto& x) {
    return std::holds_alternative<effect::answer>(x);
  }));
  todo = uut->on(event::stop{{}, 2, {}}, now);
  EXPECT_EQ(todo.size(), 1u); // the answer, and not forget again
}

TEST_F(machine_test, remove_of_what_does_not_run_forgets_at_once) {
  start();
  refused("exec", ENOENT);
  tell(event::remove{});
  EXPECT_EQ(forgotten, 1);
}

TEST_F(machine_test, remove_while_stopping_waits_for_the_same_end) {
  bring_up();
  stop();
  start(1);
  signals.clear();
  tell(event::remove{});
  EXPECT_TRUE(signals.empty());
  start(2);
  EXPECT_EQ(code(2), outcome::refused);
  ends(cause::signaled(SIGTERM));
  EXPECT_TRUE(uut->gone());
  EXPECT_EQ(code(1), outcome::failed);
}

// -- the end of Saker ----------------------------------------------------------

TEST_F(machine_test, shutdown_stops_but_changes_no_wish) {
  bring_up();
  tell(event::shutdown{});
  EXPECT_EQ(at(), state::stopping);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(look().wanted_up);
  EXPECT_EQ(look().reason, "Saker is shutting down");
  start(1);
  EXPECT_EQ(code(1), outcome::refused);
  EXPECT_EQ(text(1), "Saker is shutting down");
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_test, shutdown_ends_plans_and_restarts_nothing) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  ASSERT_EQ(at(), state::backoff);
  tell(event::shutdown{});
  EXPECT_EQ(at(), state::stopped);
  advance(1h);
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_test, shutdown_turns_a_restart_into_a_stop) {
  bring_up();
  tell(event::restart{{"alice", 1}, 1, {}});
  tell(event::shutdown{});
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_test, hurry_shortens_what_is_left_of_the_ladder) {
  with([](auto& x) { x.stop = *parse_ladder("TERM 20s INT 10s KILL"); });
  bring_up();
  tell(event::shutdown{});
  advance(5s); // 15 s + 10 s are left
  tell(event::hurry{5s});
  signals.clear();
  advance(3s - 1ns);
  EXPECT_TRUE(signals.empty());
  advance(1ns);
  EXPECT_EQ(signals.front(), (sent{SIGINT, tree}));
  advance(2s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, tree}));
}

TEST_F(machine_test, hurry_never_makes_it_longer) {
  bring_up();
  tell(event::shutdown{});
  advance(9s);
  tell(event::hurry{5s});
  EXPECT_EQ(next(), "SIGKILL in 1s");
}

// -- health --------------------------------------------------------------------

TEST_F(machine_test, a_weak_child_is_sick_and_recovers) {
  bring_up();
  tell(event::weak{});
  EXPECT_EQ(at(), state::sick);
  EXPECT_FALSE(look().ready);
  tell(event::ready{});
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(said, (strings{"sick", "running", "ready"}));
}

TEST_F(machine_test, an_unhealthy_child_is_stopped_and_judged_as_such) {
  with([](auto& x) {
    x.exit.set("unhealthy", {decision::action::restart, 7s});
  });
  bring_up();
  tell(event::weak{});
  tell(event::unhealthy{});
  EXPECT_EQ(at(), state::stopping);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(event_named("backoff").row, "unhealthy");
  EXPECT_EQ(event_named("exit").why.what, cause::kind::unhealthy);
  EXPECT_EQ(next(), "restart in 7s");
  EXPECT_EQ(look().in_budget, 1u);
}

TEST_F(machine_test, stop_of_an_unhealthy_child_is_a_stop) {
  bring_up();
  tell(event::unhealthy{});
  stop();
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(look().last, cause::signaled(SIGTERM));
}

// -- daemons -------------------------------------------------------------------

TEST_F(machine_test, one_that_is_found_running_is_adopted) {
  start(1);
  tell(event::spawned{uut->spawn_id(), 55, now - 1h, true});
  EXPECT_EQ(said, (strings{"starting", "adopted", "running", "ready"}));
  EXPECT_EQ(look().pid, 55);
  EXPECT_EQ(answers.at(1).code, outcome::done); // it has lived long enough
}

TEST_F(machine_test, a_daemon_goes_on_as_another_process) {
  bring_up();
  tell(event::moved{uut->spawn_id() + 1, 66, {}}); // another child's
  EXPECT_NE(look().pid, 66);
  tell(event::moved{uut->spawn_id(), 77, now - 1s});
  EXPECT_EQ(look().pid, 77);
  EXPECT_EQ(look().started, now - 1s);
  EXPECT_EQ(said, strings{"adopted"});
  EXPECT_EQ(told[0].pid, 77);
  EXPECT_EQ(at(), state::running);
  stop();
  ends(cause::exited(0));
  tell(event::moved{uut->spawn_id(), 88, {}});
  EXPECT_EQ(look().pid, 0);
}

TEST_F(machine_test, a_daemon_that_does_not_come_up_says_why) {
  start();
  tell(event::absent{uut->spawn_id() + 1, "another one"});
  EXPECT_EQ(at(), state::starting);
  tell(event::absent{uut->spawn_id(), "no such file"});
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, kill_scope::tree}}));
  ends(cause::exited(0));
  EXPECT_EQ(look().last.what, cause::kind::timeout);
  EXPECT_EQ(event_named("exit").reason, "no such file");
}

TEST_F(machine_test, t_c2_one_that_goes_into_the_background_is_not_run_twice) {
  auto leave = [this](int code, std::uint32_t ended, std::uint32_t spared,
                      duration after) {
    make(plain());
    wake();
    spawned();
    advance(after);
    tell(event::exited{
      uut->spawn_id(), cause::exited(code), {++ids, 0}, {}, ended, spared});
    return at();
  };
  EXPECT_EQ(leave(0, 2, 0, 50ms), state::failed);
  EXPECT_EQ(look().reason,
            "exit 0 after 50ms: daemonised: it left 2 behind, which were "
            "ended; declare daemon = {pidfile = \"…\"} or {match = \"…\"}, or "
            "use its foreground option");
  EXPECT_EQ(leave(0, 0, 1, 50ms), state::failed);
  EXPECT_NE(look().reason.find("it left 1 running;"), std::string::npos);
  EXPECT_EQ(leave(0, 0, 0, 50ms), state::starting);
  EXPECT_EQ(leave(1, 2, 0, 50ms), state::starting); // it crashed
  EXPECT_EQ(leave(0, 2, 0, 10s), state::starting);  // it worked
}

TEST_F(machine_test, t_c2_what_is_done_after_it_left_something_is_done) {
  auto x = plain();
  x.exit = *exit_table::named("transient");
  make(x);
  wake();
  spawned();
  tell(event::exited{uut->spawn_id(), cause::exited(0), {++ids, 0}, {}, 1, 0});
  EXPECT_EQ(at(), state::done);
}

} // namespace
} // namespace saker::supervision
