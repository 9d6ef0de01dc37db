#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_start_test = machine_fixture;

TEST_F(machine_start_test, first_restart_is_immediate_and_told_in_order) {
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

TEST_F(machine_start_test, the_note_is_written_before_anything_is_told) {
  bring_up();
  ends(cause::exited(1));
  EXPECT_TRUE(note_came_first);
  EXPECT_EQ(notes, 1);
  EXPECT_EQ(kept.ended_event, (event_id{1001, 0}));
  EXPECT_EQ(kept.ended_spawn, 1u);
  EXPECT_EQ(kept.spawn_id, 2u);
}

TEST_F(machine_start_test, further_restarts_wait_longer_and_longer) {
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

TEST_F(machine_start_test, backoff_starts_over_after_ten_healthy_minutes) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  advance(10min);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_start_test, a_row_may_say_how_long_to_wait) {
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

TEST_F(machine_start_test, done_stays_done_and_costs_no_budget) {
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

TEST_F(machine_start_test, fatal_fails_at_once) {
  with([](auto& x) { x.exit.set("78", {decision::action::fatal, {}}); });
  bring_up();
  ends(cause::exited(78));
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(event_named("failed").row, "78");
  EXPECT_EQ(look().reason, "exit 78 after 1s");
  EXPECT_FALSE(armed);
}

TEST_F(machine_start_test, escalate_fails_and_says_so_upwards) {
  with([](auto& x) { x.exit.set("*", {decision::action::escalate, {}}); });
  bring_up();
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(escalations, 1);
}

TEST_F(machine_start_test, shutdown_ends_all_with_the_status_of_the_child) {
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

TEST_F(machine_start_test, oom_is_told_beside_the_exit) {
  bring_up();
  ends({cause::kind::oom, SIGKILL, false});
  EXPECT_EQ(said, (strings{"exit", "oom", "starting"}));
}

TEST_F(machine_start_test, an_end_of_an_older_child_changes_nothing) {
  bring_up();
  tell(event::exited{77, cause::exited(1), {5, 0}, {}, 0});
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(acknowledged, (std::vector<std::uint64_t>{77}));
}

TEST_F(machine_start_test, the_uptime_is_that_of_the_child_not_of_the_message) {
  bring_up();
  tell(event::exited{1, cause::exited(1), {5, 0}, now - 400ms, 2});
  EXPECT_EQ(event_named("exit").uptime, 600ms);
  EXPECT_EQ(event_named("exit").orphans, 2u);
}

} // namespace
} // namespace saker::supervision
