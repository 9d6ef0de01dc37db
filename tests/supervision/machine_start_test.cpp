#include "process/spawn_step.hpp"
#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_start_test = machine_fixture;

TEST_F(machine_start_test,
       start_spawns_one_child_and_runs_when_exec_succeeded) {
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

TEST_F(machine_start_test, start_spawns_once_however_often_it_is_told) {
  start();
  start();
  spawned();
  start();
  EXPECT_EQ(spawns.size(), 1u);
}

TEST_F(machine_start_test,
       start_is_answered_when_the_child_has_lived_for_100_ms) {
  start(1);
  advance(50ms);
  spawned();
  advance(99ms);
  EXPECT_TRUE(answers.empty());
  advance(1ms);
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "running, pid 100");
}

TEST_F(machine_start_test, start_of_what_runs_is_answered_at_once) {
  bring_up();
  start(1);
  EXPECT_EQ(text(1), "running, pid 100");
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(machine_start_test, start_is_answered_with_the_cause_of_an_early_end) {
  start(1);
  spawned();
  advance(20ms);
  ends(cause::exited(3));
  EXPECT_EQ(code(1), outcome::failed);
  EXPECT_EQ(text(1), "exit 3 after 20ms; started again");
  EXPECT_TRUE(answers.at(1).with_output);
}

TEST_F(machine_start_test,
       start_of_a_job_that_is_done_in_no_time_is_a_success) {
  with([](auto& x) { x.exit = *exit_table::named("transient"); });
  start(1);
  spawned();
  advance(5ms);
  ends(cause::exited(0));
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(text(1), "done: exit 0 after 5ms");
}

TEST_F(machine_start_test, start_is_answered_with_step_errno_and_path) {
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

TEST_F(machine_start_test, a_failed_start_says_what_the_child_found_out) {
  start(1);
  tell(event::refused{uut->spawn_id(), "lookup", ENOENT, "ngnix",
                      "there is no user \"ngnix\" (did you mean \"nginx\"?)"});
  EXPECT_EQ(text(1), "look up ngnix: there is no user \"ngnix\" (did you mean "
                     "\"nginx\"?)");
  EXPECT_EQ(at(), state::failed);
}

TEST_F(machine_start_test, start_is_answered_after_five_seconds_at_the_latest) {
  start(1);
  advance(5s - 1ns);
  EXPECT_TRUE(answers.empty());
  advance(1ns);
  EXPECT_EQ(code(1), outcome::timeout);
  EXPECT_EQ(text(1), "starting");
}

TEST_F(machine_start_test, start_with_wait_goes_on_waiting_over_an_early_end) {
  start(1, 10s);
  spawned();
  advance(20ms);
  ends(cause::exited(1));
  EXPECT_TRUE(answers.empty());
  spawned();
  advance(100ms);
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(machine_start_test, start_with_wait_ends_when_its_time_is_over) {
  start(1, 300ms);
  advance(300ms);
  EXPECT_EQ(code(1), outcome::timeout);
}

TEST_F(machine_start_test, start_with_wait_fails_when_there_is_no_hope) {
  start(1, 10s);
  refused("dir", ENOENT, "/srv");
  EXPECT_EQ(code(1), outcome::failed);
  EXPECT_EQ(text(1),
            "change to directory /srv: No such file or directory (ENOENT)");
}

TEST_F(machine_start_test, start_clears_failed_budget_and_backoff) {
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

TEST_F(machine_start_test, start_during_backoff_does_not_wait_for_it) {
  start();
  for (auto i = 0; i < 2; ++i) {
    spawned();
    ends(cause::exited(1));
  }
  ASSERT_EQ(at(), state::backoff);
  start();
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_start_test, says_who_wanted_it_and_since_when) {
  start();
  EXPECT_TRUE(look().wanted_up);
  EXPECT_EQ(look().wanted_by, (stamp{"alice", 1}));
  stop();
  EXPECT_FALSE(look().wanted_up);
  EXPECT_EQ(look().wanted_by, (stamp{"bob", 2}));
}

TEST_F(machine_start_test,
       a_hanging_set_up_of_which_the_keeper_is_silent_is_killed) {
  start(1, 1min);
  advance(30s + machine::head_start - 1ns);
  EXPECT_TRUE(signals.empty());
  advance(1ns);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, kill_scope::tree}}));
  refused("dir", EINTR, "/nfs");
  EXPECT_EQ(at(), state::starting); // "*" = restart, the first one at once
  EXPECT_EQ(look().last.what, cause::kind::timeout);
  EXPECT_EQ(spawns.size(), 2u);
}

TEST_F(machine_start_test,
       a_start_timeout_told_by_the_keeper_is_the_same_cause) {
  with([](auto& x) { x.exit.set("timeout", {decision::action::fatal, {}}); });
  start();
  refused("timeout", ETIMEDOUT, "dir /nfs");
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(event_named("failed").row, "timeout");
  EXPECT_EQ(look().reason, "change to directory /nfs: no end within the start "
                           "timeout (timeout)");
}

TEST_F(machine_start_test,
       a_child_that_was_killed_before_exec_is_told_as_such) {
  start();
  refused("dir", 0, "/nfs");
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(look().reason,
            "change to directory /nfs: the child was killed meanwhile");
}

TEST_F(machine_start_test, lack_of_resources_is_retried_and_charged_to_nobody) {
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

TEST_F(machine_start_test, a_start_that_fails_is_told_its_cause_once) {
  with([](auto& x) { x.exit.set("*", {decision::action::restart, 5s}); });
  start(1);
  spawned();
  advance(5ms);
  ends(cause::exited(1));
  EXPECT_EQ(text(1), "exit 1 after 5ms; backoff, restart in 5s");
}

TEST_F(machine_start_test, a_restart_that_spends_the_budget_is_told_so_once) {
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

TEST_F(machine_start_test,
       a_locked_pidfile_is_tried_again_and_its_holder_told) {
  start();
  tell(event::refused{uut->spawn_id(), "pidfile_lock", EAGAIN, "/run/web.pid",
                      "pid 12 (web) holds it"});
  EXPECT_EQ(at(), state::backoff);
  EXPECT_EQ(look().reason, "lock pidfile /run/web.pid: Resource temporarily "
                           "unavailable (EAGAIN): pid 12 (web) holds it");
  advance(1s);
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_start_test, trouble_of_the_keeper_is_no_fault_of_the_service) {
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

TEST_F(machine_start_test, what_never_ran_for_lack_of_something_is_not_done) {
  with([](auto& x) { x.exit = *exit_table::named("temporary"); });
  start();
  refused("fork", EAGAIN, "job");
  EXPECT_EQ(at(), state::backoff);
  advance(1s);
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::done);
}

} // namespace
} // namespace saker::supervision
