#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

class machine_orders_test : public machine_fixture {
protected:
  /// The node dies and comes back; the child has lived on.
  void node_dies(bool dropped = false) {
    memory x;
    x.kept = *decode(encode(kept, now, 5s), 5s);
    x.wanted_up = x.kept->wanted_up;
    x.dropped = dropped;
    x.present = memory::child::running;
    x.spawn_id = x.kept->spawn_id;
    x.pid = x.kept->pid;
    make(plain());
    forget_all();
    wake(x);
  }
};

constexpr auto leader = kill_scope::leader;

// -- pause, cont ---------------------------------------------------------------

TEST_F(machine_orders_test, pause_stops_the_whole_tree_and_is_told) {
  bring_up();
  tell(event::pause{{"amy", 1}, 1});
  EXPECT_EQ(signals, (std::vector<sent>{{SIGSTOP, kill_scope::tree}}));
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(look().reason, "paused by amy");
  EXPECT_TRUE(look().paused);
  EXPECT_FALSE(look().ready); // nobody gets an answer from it
  EXPECT_TRUE(kept.paused);
}

TEST_F(machine_orders_test, cont_lets_it_go_on_and_makes_it_ready_again) {
  bring_up();
  tell(event::pause{{"amy", 1}, 1});
  tell(event::cont{2});
  EXPECT_EQ(signals.back(), (sent{SIGCONT, kill_scope::tree}));
  EXPECT_FALSE(look().paused);
  EXPECT_TRUE(look().ready);
  EXPECT_EQ(look().reason, "");
}

TEST_F(machine_orders_test, cont_helps_those_whom_somebody_else_stopped) {
  bring_up();
  tell(event::cont{1});
  EXPECT_EQ(signals, (std::vector<sent>{{SIGCONT, kill_scope::tree}}));
}

TEST_F(machine_orders_test, pause_and_cont_need_a_process) {
  tell(event::pause{{}, 1});
  tell(event::cont{2});
  EXPECT_EQ(code(1), outcome::refused);
  EXPECT_EQ(text(1), "no process: it is stopped");
  EXPECT_EQ(text(2), "no process: it is stopped");
  start();
  tell(event::pause{{}, 3});
  EXPECT_EQ(text(3), "its program has not been started yet");
  EXPECT_TRUE(signals.empty());
}

TEST_F(machine_orders_test, pause_of_what_is_being_stopped_is_refused) {
  bring_up();
  stop();
  forget_all();
  tell(event::pause{{}, 1});
  EXPECT_EQ(code(1), outcome::refused);
  EXPECT_EQ(text(1), "it is being stopped");
  EXPECT_TRUE(signals.empty());
}

TEST_F(machine_orders_test, the_ladder_of_a_paused_one_is_heard) {
  with([](auto& x) { x.stop = *parse_ladder("USR1 2s KILL"); });
  bring_up();
  tell(event::pause{});
  forget_all();
  stop();
  EXPECT_EQ(signals, (std::vector<sent>{{SIGUSR1, kill_scope::tree},
                                        {SIGCONT, kill_scope::tree}}));
  EXPECT_FALSE(look().paused);
  advance(2s);
  EXPECT_EQ(signals.back(), (sent{SIGKILL, kill_scope::tree}));
}

TEST_F(machine_orders_test, a_stop_command_of_a_paused_one_finds_it_awake) {
  with([](auto& x) { x.stop = command_ladder({"webctl", "stop"}); });
  bring_up();
  tell(event::pause{});
  forget_all();
  tell(event::restart{});
  EXPECT_EQ(commands, 1);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGCONT, kill_scope::tree}}));
}

TEST_F(machine_orders_test, checks_say_nothing_about_a_paused_one) {
  bring_up();
  tell(event::pause{});
  tell(event::weak{});
  tell(event::unhealthy{});
  EXPECT_EQ(at(), state::running);
  tell(event::cont{});
  tell(event::weak{});
  EXPECT_EQ(at(), state::sick);
}

TEST_F(machine_orders_test, the_next_child_is_not_paused) {
  bring_up();
  tell(event::pause{});
  ends(cause::signaled(SIGKILL));
  ASSERT_EQ(at(), state::starting);
  spawned();
  EXPECT_TRUE(look().ready);
  EXPECT_FALSE(kept.paused);
}

TEST_F(machine_orders_test, a_pause_is_remembered_over_a_dead_node) {
  bring_up();
  tell(event::pause{{"amy", 1}, 1});
  node_dies();
  EXPECT_TRUE(look().paused);
  EXPECT_EQ(look().reason, "paused by amy");
}

// -- reload --------------------------------------------------------------------

TEST_F(machine_orders_test, reload_by_signal_goes_to_the_child_itself) {
  with([](auto& x) { x.reload = {{SIGHUP, {}}}; });
  bring_up();
  tell(event::reload{1});
  EXPECT_EQ(signals, (std::vector<sent>{{SIGHUP, leader}}));
  EXPECT_EQ(code(1), outcome::done);
  EXPECT_EQ(at(), state::running);
}

TEST_F(machine_orders_test, reload_by_command_is_answered_at_its_end) {
  with([](auto& x) { x.reload = {{0, {"webctl", "reload"}}}; });
  bring_up();
  tell(event::reload{1});
  EXPECT_EQ(reloads, 1);
  EXPECT_EQ(text(1), "no answer");
  tell(event::reload{2});
  EXPECT_EQ(code(2), outcome::refused);
  EXPECT_EQ(text(2), "it is being reloaded");
  EXPECT_EQ(reloads, 1);
  tell(event::reloaded{true, "reloaded"});
  EXPECT_EQ(code(1), outcome::done);
  tell(event::reload{3});
  tell(event::reloaded{false, "exit 1"});
  EXPECT_EQ(code(3), outcome::failed);
  EXPECT_EQ(text(3), "exit 1");
}

TEST_F(machine_orders_test, a_reload_command_that_hangs_is_ended) {
  with([](auto& x) { x.reload = {{0, {"webctl", "reload"}}}; });
  bring_up();
  tell(event::reload{1});
  tell(event::reload{2, 1s});
  advance(machine::reload_patience);
  EXPECT_EQ(code(1), outcome::timeout);
  EXPECT_EQ(ended_reloads, 1);
  tell(event::reload{3, 2s});
  advance(2s - 1ns);
  EXPECT_EQ(text(3), "no answer");
  advance(1ns);
  EXPECT_EQ(code(3), outcome::timeout);
  EXPECT_EQ(ended_reloads, 2);
}

TEST_F(machine_orders_test, a_reload_is_over_when_the_child_is) {
  with([](auto& x) { x.reload = {{0, {"webctl", "reload"}}}; });
  bring_up();
  tell(event::reload{1});
  ends(cause::exited(1));
  EXPECT_EQ(code(1), outcome::failed);
}

TEST_F(machine_orders_test, reload_says_what_is_missing) {
  tell(event::reload{1});
  EXPECT_EQ(text(1), "no process: it is stopped");
  bring_up();
  tell(event::reload{2});
  EXPECT_EQ(code(2), outcome::refused);
  EXPECT_EQ(text(2).substr(0, 16), "it has no reload");
  with([](auto& x) { x.reload = {{SIGHUP, {}}}; });
  bring_up();
  tell(event::pause{});
  forget_all();
  tell(event::reload{4});
  EXPECT_EQ(text(4), "it is paused: let it go on first");
  EXPECT_TRUE(signals.empty());
}

// -- drop ----------------------------------------------------------------------

TEST_F(machine_orders_test, drop_leaves_the_child_alone_and_restarts_nothing) {
  bring_up();
  tell(event::drop{{"amy", 1}, 1});
  EXPECT_EQ(text(1), "running, pid 100: dropped by amy");
  EXPECT_TRUE(signals.empty());
  EXPECT_TRUE(look().dropped);
  EXPECT_FALSE(look().wanted_up);
  tell(event::unhealthy{});
  EXPECT_TRUE(signals.empty());
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
  EXPECT_TRUE(look().dropped);
}

TEST_F(machine_orders_test, drop_ends_every_plan_to_start) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  ends(cause::exited(1));
  ASSERT_EQ(at(), state::backoff);
  tell(event::drop{{"amy", 1}, 1});
  EXPECT_EQ(at(), state::stopped);
  EXPECT_FALSE(look().next_at);
}

TEST_F(machine_orders_test, drop_during_a_restart_ends_as_a_stop) {
  bring_up();
  tell(event::restart{{}, 1, {}});
  tell(event::drop{{"amy", 1}, 2});
  EXPECT_EQ(code(1), outcome::failed);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_orders_test, a_child_that_was_dropped_before_exec_lives) {
  start(1);
  tell(event::drop{{"amy", 1}, 2});
  EXPECT_EQ(text(1), "dropped meanwhile by amy");
  spawned();
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(signals.empty());
}

TEST_F(machine_orders_test, start_looks_after_it_again) {
  bring_up();
  tell(event::drop{{"amy", 1}, 1});
  start(2);
  EXPECT_FALSE(look().dropped);
  EXPECT_EQ(look().reason, "");
  EXPECT_TRUE(spawns.empty()); // it runs
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_orders_test, stop_and_restart_do_so_too) {
  bring_up();
  tell(event::drop{{"amy", 1}, 1});
  stop();
  EXPECT_EQ(at(), state::stopping);
  EXPECT_FALSE(look().dropped);
  ends(cause::signaled(SIGTERM));
  bring_up();
  tell(event::drop{{"amy", 1}, 3});
  tell(event::restart{{"bob", 1}, 4, {}, true});
  EXPECT_EQ(code(4), outcome::refused);
  EXPECT_EQ(at(), state::running);
  tell(event::restart{{"bob", 1}, 5, {}});
  EXPECT_EQ(at(), state::stopping);
  EXPECT_FALSE(look().dropped);
}

TEST_F(machine_orders_test, a_new_definition_waits_until_it_is_started) {
  bring_up();
  tell(event::drop{{"amy", 1}, 1});
  auto x = plain();
  x.exec = {"/usr/bin/web2"};
  tell(event::change{std::make_shared<const service>(x), true});
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(uut->definition().exec, x.exec);
}

TEST_F(machine_orders_test, a_drop_is_remembered_over_a_dead_node) {
  bring_up();
  tell(event::drop{{"amy", 1}, 1});
  EXPECT_TRUE(kept.dropped);
  node_dies(true);
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(look().dropped);
  EXPECT_TRUE(signals.empty());
}

TEST_F(machine_orders_test, the_end_of_saker_ends_what_was_dropped) {
  bring_up();
  tell(event::drop{{"amy", 1}, 1});
  tell(event::shutdown{});
  EXPECT_EQ(at(), state::stopping);
}

TEST_F(machine_orders_test, no_clock_ends_what_is_paused_or_dropped) {
  with([](auto& x) { x.max_age.after = 1h; });
  bring_up();
  tell(event::pause{{"amy", 1}, 1});
  advance(2h);
  EXPECT_EQ(at(), state::running);
  tell(event::cont{2});
  advance(0s);
  EXPECT_EQ(at(), state::stopping); // too old meanwhile
  ends(cause::signaled(SIGTERM));
  spawned();
  advance(1s);
  tell(event::drop{{"amy", 1}, 3});
  advance(2h);
  EXPECT_EQ(at(), state::running);
  EXPECT_FALSE(armed); // nothing ticks
  start(4);
  advance(0s);
  EXPECT_EQ(at(), state::stopping);
}

TEST_F(machine_orders_test, drop_during_before_starts_nothing) {
  with([](auto& x) { x.before = {{{"/bin/prepare"}}, 30s}; });
  start(1);
  tell(event::drop{{"amy", 1}, 2});
  EXPECT_EQ(at(), state::stopping);
  hook_ends(cause::signaled(SIGKILL), "before: SIGKILL");
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
  EXPECT_TRUE(look().dropped);
}

// -- check ---------------------------------------------------------------------

TEST_F(machine_orders_test, check_asks_whether_the_child_lives) {
  bring_up();
  tell(event::check{1});
  EXPECT_EQ(signals, (std::vector<sent>{{0, leader}}));
  EXPECT_EQ(code(1), outcome::done);
}

TEST_F(machine_orders_test, check_tells_whether_all_is_as_wanted) {
  tell(event::check{1});
  EXPECT_EQ(code(1), outcome::done); // stopped, and nobody wants it up
  start();
  tell(event::check{2});
  EXPECT_EQ(code(2), outcome::done);
  refused("exec", ENOENT);
  tell(event::check{3});
  EXPECT_EQ(code(3), outcome::failed);
  EXPECT_EQ(text(3).substr(0, 8), "failed: ");
  tell(event::reset{});
  tell(event::check{4});
  EXPECT_EQ(code(4), outcome::failed); // it should run
  bring_up();
  tell(event::pause{});
  tell(event::check{5});
  EXPECT_EQ(code(5), outcome::failed);
}

} // namespace
} // namespace saker::supervision
