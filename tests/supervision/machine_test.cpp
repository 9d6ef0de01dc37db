#include "supervision/machine.hpp"

#include "tests/supervision/machine_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_test = machine_fixture;

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

// -- remove --------------------------------------------------------------------

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
  EXPECT_EQ(signals.front(), (sent{SIGINT, kill_scope::tree}));
  advance(2s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, kill_scope::tree}));
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

} // namespace
} // namespace saker::supervision
