#include "tests/support/scaled_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;

using roster_rolling_test = test::scaled_world;

TEST_F(roster_rolling_test, rolls_a_restart_some_at_a_time) {
  begin_with(3);
  later({"SVRESTART", "web", "ROLLING", "2"}, [this] {
    EXPECT_EQ(state_of("web:0"), "stopping");
    EXPECT_EQ(state_of("web:1"), "stopping");
    EXPECT_EQ(state_of("web:2"), "running");
    keeper.die("web#0", SIGTERM);
    keeper.die("web#1", SIGTERM);
    settle();
    keeper.confirm("web#0");
    confirm_all();
    EXPECT_EQ(state_of("web:2"), "stopping");
    keeper.die("web#2", SIGTERM);
    settle();
    confirm_all();
  });
  ASSERT_EQ(reply.items().size(), 3u);
  EXPECT_EQ(row(0), "web:0 0 running, pid 104");
  EXPECT_EQ(row(2), "web:2 0 running, pid 106");
  EXPECT_EQ(journal.wanted.size(), 3u);
}

TEST_F(roster_rolling_test, a_rolling_restart_ends_with_a_batch_that_fails) {
  begin_with(3);
  later({"SVRESTART", "web", "ROLLING", "1"}, [this] {
    keeper.die("web#0", SIGTERM);
    settle();
    keeper.fail_start("web#0", "exec", ENOENT, "/bin/web");
    settle();
  });
  ASSERT_EQ(reply.items().size(), 3u);
  EXPECT_EQ(row(0).substr(0, 7), "web:0 1");
  for (auto i : {1u, 2u}) {
    EXPECT_EQ(row(i).substr(0, 7), "web:" + std::to_string(i) + " 3");
    EXPECT_NE(row(i).find("left as it is, because web:0 did not come back"),
              std::string::npos)
      << row(i);
  }
  EXPECT_EQ(state_of("web:1"), "running");
  EXPECT_EQ(journal.wanted.size(), 1u); // nobody else was asked for anything
}

TEST_F(roster_rolling_test, a_rolling_restart_does_not_wait_for_ever) {
  begin_with(2);
  later({"SVTRYRESTART", "web", "ROLLING", "1", "WAIT", "3000"},
        [this] { advance(3s); });
  EXPECT_EQ(row(0).substr(0, 7), "web:0 2");
  EXPECT_EQ(row(1).substr(0, 7), "web:1 3");
}

TEST_F(roster_rolling_test,
       a_rolling_restart_passes_those_that_left_meanwhile) {
  begin_with(2);
  later({"SVRESTART", "web", "ROLLING", "1"}, [this] {
    say({"SVSCALE", "web", "1"});
    keeper.die("web#1", SIGTERM);
    keeper.die("web#0", SIGTERM);
    settle();
    confirm_all();
  });
  EXPECT_EQ(row(0).substr(0, 7), "web:0 0");
  EXPECT_EQ(row(1), "web:1 1 it is no longer defined");
}

} // namespace
} // namespace saker
