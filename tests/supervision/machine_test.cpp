#include "supervision/machine.hpp"

#include "process/spawn_step.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

class machine_test : public machine_fixture {};

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

class change_test : public machine_fixture {
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
  EXPECT_EQ(signals.front(), (sent{SIGINT, kill_scope::tree}));
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
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, kill_scope::tree}}));
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
