#include "supervision/machine.hpp"
#include "tests/supervision/machine_orders_world.hpp"

#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_orders_test = machine_orders_world;

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

} // namespace
} // namespace saker::supervision
