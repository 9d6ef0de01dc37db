#include "tests/support/scaled_world.hpp"

#include <algorithm>
#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using roster_scale_test = test::scaled_world;

TEST_F(roster_scale_test, starts_new_instances_and_touches_no_other) {
  begin_with(1);
  later({"SVSCALE", "web", "3"}, [this] { confirm_all(); });
  ASSERT_EQ(reply.items().size(), 3u);
  EXPECT_EQ(row(0), "web 0 1 to 3 instances; its definition says 1");
  EXPECT_EQ(row(1), "web:1 0 running, pid 102");
  EXPECT_EQ(row(2), "web:2 0 running, pid 103");
  EXPECT_EQ(keeper.spawns, 3);
  ASSERT_EQ(journal.set.size(), 1u);
  EXPECT_EQ(journal.set[0], (setting{setting::topic::count, "web", 3, 1,
                                     "amy@here", journal.set[0].at}));
  auto names = event_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "scaled"), 1);
}

TEST_F(roster_scale_test, stops_and_forgets_those_with_the_largest_numbers) {
  begin_with(3);
  reply = say({"SVSCALE", "web", "1"});
  ASSERT_EQ(reply.items().size(), 3u);
  EXPECT_EQ(row(0), "web 0 3 to 1 instance; its definition says 3");
  EXPECT_EQ(row(1).substr(0, 17), "web:1 0 stopping,");
  keeper.die("web#1", SIGTERM);
  keeper.die("web#2", SIGTERM);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 1u);
  EXPECT_EQ(keeper.spawns, 3);
}

TEST_F(roster_scale_test, goes_down_to_none_and_up_again) {
  begin_with(1);
  say({"SVSCALE", "web", "0"});
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  later({"SVSCALE", "web", "1"}, [this] { confirm_all(); });
  EXPECT_EQ(state_of("web"), "running");
  EXPECT_EQ(journal.forgotten.back(), "web"); // it is what is written
}

TEST_F(roster_scale_test, shows_indexes_as_soon_as_there_are_several) {
  begin({web});
  confirm_all();
  later({"SVSCALE", "web", "2"}, [this] { confirm_all(); });
  auto rows = say({"SVSTATUS"});
  EXPECT_EQ(rows.items()[0].find("name")->text(), "web:0");
}

TEST_F(roster_scale_test, new_ones_of_a_stopped_service_are_stopped) {
  begin_with(1);
  say({"SVSTOP", "web"});
  keeper.die("web#0", SIGTERM);
  settle();
  reply = say({"SVSCALE", "web", "2"});
  EXPECT_EQ(row(1), "web:1 0 stopped, as the others");
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_EQ(journal.wanted.back().name, "web#1");
  EXPECT_FALSE(journal.wanted.back().up);
}

TEST_F(roster_scale_test, new_ones_of_a_cron_service_wait_for_their_time) {
  auto& clock = links->world.clock;
  clock.shown_at = [](time_point at) {
    return std::chrono::sys_time<std::chrono::milliseconds>{
      std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch())};
  };
  clock.zone = [](auto) { return 0s; };
  web->when.at = calendar{"30 4 * * *", *cron::parse("30 4 * * *")};
  begin_with(1);
  ASSERT_EQ(keeper.spawns, 0);
  reply = say({"SVSCALE", "web", "2"});
  ASSERT_EQ(reply.items().size(), 2u) << to_string(reply);
  EXPECT_EQ(row(1).substr(0, 24), "web:1 0 waiting, run in ");
  EXPECT_EQ(keeper.spawns, 0);
  later({"SVSTART", "web:1"}, [this] { confirm_all(); });
  EXPECT_EQ(keeper.spawns, 1);
}

TEST_F(roster_scale_test, counts_over_starts_and_applies) {
  begin_with(1, {{setting::topic::count, "web", 2, 1, "amy", 1}});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 2u);
  definitions.next.services = {{"web", web}};
  auto x = say({"SVAPPLY"});
  EXPECT_EQ(*x.find("unchanged")->integer(), 1);
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 2u);
}

TEST_F(roster_scale_test, is_forgotten_when_the_definition_says_something_new) {
  begin_with(1, {{setting::topic::count, "web", 2, 1, "amy", 1}});
  auto more = std::make_shared<service>(*web);
  more->count = 4;
  definitions.next.services = {{"web", more}};
  say({"SVAPPLY"});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 4u);
  EXPECT_EQ(journal.forgotten.back(), "web");
}

TEST_F(roster_scale_test, of_before_the_start_is_forgotten_likewise) {
  begin_with(3, {{setting::topic::count, "web", 2, 1, "amy", 1}});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 3u);
  EXPECT_EQ(journal.forgotten, (std::vector<std::string>{"web"}));
}

TEST_F(roster_scale_test, refuses_what_makes_no_sense) {
  web->pidfile = "/run/web.pid";
  begin({web});
  EXPECT_EQ(say({"SVSCALE", "web", "2"}).text(),
            "ERR web: pidfile must contain {i}, because the instances cannot "
            "share a file");
  EXPECT_EQ(say({"SVSCALE", "web", "many"}).text(),
            "ERR a number of instances from 0 to 10000 is needed, not "
            "\"many\"");
  EXPECT_TRUE(say({"SVSCALE", "web", "10001"}).is_error());
  EXPECT_TRUE(say({"SVSCALE", "web", "-1"}).is_error());
  EXPECT_EQ(say({"SVSCALE", "wbe", "2"}).text(),
            "NOSERVICE SVSCALE needs the name of one service, not \"wbe\" (did "
            "you mean \"web\"?)");
  EXPECT_EQ(say({"SVSCALE", "web:0", "2"}).text().substr(0, 9), "NOSERVICE");
  EXPECT_EQ(say({"SVSCALE", "web@n2", "2"}).text().substr(0, 6), "NONODE");
  EXPECT_TRUE(say({"SVSCALE", "web", "2", "3"}).is_error());
  EXPECT_TRUE(journal.set.empty());
}

} // namespace
} // namespace saker
