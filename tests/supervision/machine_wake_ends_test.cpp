#include "supervision/machine.hpp"
#include "tests/supervision/machine_wake_world.hpp"

#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_wake_test = machine_wake_world;

TEST_F(machine_wake_test, an_end_while_away_is_told_once_with_its_uptime) {
  bring_up();
  auto died = now;
  die(child::ended, 3s);
  EXPECT_TRUE(said.empty());
  tell(event::exited{uut->spawn_id(), cause::exited(1), {9, 9}, died, 0});
  EXPECT_EQ(said, (strings{"exit", "starting"}));
  EXPECT_EQ(told[0].uptime, 1s);
  EXPECT_EQ(told[0].id, (event_id{9, 9}));
  EXPECT_EQ(acknowledged.size(), 1u);
}

TEST_F(machine_wake_test, an_end_that_is_in_the_note_keeps_its_number) {
  bring_up();
  auto spawn_id = uut->spawn_id();
  stop();
  ends(cause::signaled(SIGTERM));
  auto number = kept.ended_event;
  die(child::ended, 1s, false); // the note was written, the ACK was not
  tell(event::exited{spawn_id, cause::signaled(SIGTERM), {77, 7}, {}, 0});
  EXPECT_EQ(said, (strings{"exit"}));
  EXPECT_EQ(told[0].id, number);
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(acknowledged, (std::vector<std::uint64_t>{spawn_id}));
}

TEST_F(machine_wake_test, an_old_end_does_not_hurt_the_next_child) {
  bring_up();
  auto old = uut->spawn_id();
  ends(cause::exited(1));
  auto number = kept.ended_event;
  ASSERT_EQ(at(), state::starting);
  // Note written, neither ACK nor SPAWN were: the keeper has the old end.
  auto bytes = encode(kept, now, 0s);
  make(plain());
  memory x;
  x.kept = *decode(bytes, 0s);
  x.present = child::ended;
  x.spawn_id = old;
  forget_all();
  wake(x);
  tell(event::exited{old, cause::exited(1), {77, 7}, {}, 0});
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns, (std::vector<std::uint64_t>{old + 2}));
  EXPECT_EQ(said, (strings{"starting", "exit"}));
  EXPECT_EQ(told[1].id, number);
  EXPECT_EQ(look().restarts, 1u); // one restart, however often it was begun
}

TEST_F(machine_wake_test, a_child_that_is_gone_without_a_record_is_lost) {
  bring_up();
  die(child::none, 1s);
  EXPECT_EQ(said, (strings{"lost", "starting"}));
  EXPECT_EQ(told[0].from, state::running);
  EXPECT_EQ(told[1].from, state::lost);
  EXPECT_EQ(look().last.what, cause::kind::lost);
  EXPECT_EQ(spawns.size(), 1u);
  EXPECT_EQ(look().in_budget, 1u);
  EXPECT_TRUE(signals.empty()); // nobody is signalled on suspicion
}

TEST_F(machine_wake_test, a_lost_child_that_is_not_wanted_stays_away) {
  bring_up();
  die(child::none, 1s, false);
  EXPECT_EQ(said, (strings{"lost", "stopped"}));
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_wake_test, a_lost_child_that_was_stopping_is_stopped) {
  bring_up();
  stop();
  die(child::none, 1s, false);
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_wake_test, an_end_of_which_there_is_no_note_is_judged) {
  memory x;
  x.present = child::ended;
  x.spawn_id = 40;
  wake(x);
  EXPECT_TRUE(spawns.empty());
  tell(event::exited{40, cause::exited(1), {9, 9}, {}, 0});
  EXPECT_EQ(said, (strings{"exit", "starting"}));
}

TEST_F(machine_wake_test, a_failed_start_of_which_there_is_no_note_is_judged) {
  memory x;
  x.present = child::ended;
  x.spawn_id = 40;
  wake(x);
  tell(event::refused{40, "exec", 2, "/x"});
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(said, (strings{"failed"}));
}

TEST_F(machine_wake_test, a_child_that_came_and_went_while_away_has_an_uptime) {
  start();
  auto bytes = encode(kept, now, 0s);
  make(plain());
  memory x;
  x.kept = *decode(bytes, 0s);
  x.present = child::ended;
  x.spawn_id = 1;
  x.started = now + 1s;
  now += 10s;
  forget_all();
  wake(x);
  tell(event::exited{1, cause::exited(1), {9, 9}, now - 5s, 0});
  EXPECT_EQ(told[0].uptime, 4s);
}

TEST_F(machine_wake_test, an_unwanted_end_while_away_is_not_restarted) {
  bring_up();
  die(child::ended, 1s, false);
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::stopped);
}

} // namespace
} // namespace saker::supervision
