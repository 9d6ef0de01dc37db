#include "supervision/machine.hpp"
#include "tests/supervision/machine_wake_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_wake_test = machine_wake_world;

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

TEST_F(machine_wake_test, a_start_meanwhile_follows_the_end_of_a_stop) {
  bring_up();
  stop();
  die(child::running, 1s, true);
  EXPECT_EQ(at(), state::stopping);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
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

} // namespace
} // namespace saker::supervision
