#include "supervision/machine.hpp"
#include "tests/supervision/machine_orders_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_orders_test = machine_orders_world;

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
