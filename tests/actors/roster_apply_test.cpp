#include "tests/support/roster_world.hpp"

#include <csignal>

namespace saker {
namespace {

using namespace supervision;

using roster_apply_test = test::roster_world;

TEST_F(roster_apply_test, applies_only_what_differs) {
  auto kept = make_service("kept");
  auto gone = make_service("gone");
  begin({kept, gone});
  keeper.confirm("kept#0");
  keeper.confirm("gone#0");
  settle();
  definitions.next.services = {{"kept", kept}, {"new", make_service("new")}};
  definitions.next.errors = {"bad.lua:1: no"};
  auto x = say({"SVAPPLY"});
  ASSERT_FALSE(x.is_error()) << x;
  EXPECT_EQ(x.find("add")->items().size(), 1u);
  EXPECT_EQ(x.find("remove")->items().size(), 1u);
  EXPECT_EQ(*x.find("unchanged")->integer(), 1);
  EXPECT_EQ(x.find("errors")->items()[0].text(), "bad.lua:1: no");
  EXPECT_EQ(definitions.stored, 1);
  EXPECT_EQ(said.back(),
            "definitions applied by amy@here: remove gone; add new");
  EXPECT_EQ(warnings.back(), "not applied: bad.lua:1: no");
  EXPECT_TRUE(keeper.living.contains("new#0"));
  keeper.die("gone#0", SIGTERM);
  settle();
  EXPECT_TRUE(say({"SVSTATUS", "gone"}).is_error());
  EXPECT_EQ(state_of("kept"), "running");
}

TEST_F(roster_apply_test, says_when_descriptors_will_not_be_enough) {
  auto many = make_service("many");
  many->count = 5;
  descriptors = 10;
  begin({many});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].substr(0, 36), "5 instances need 11 descriptors, but");
  definitions.next.services = {{"many", many}, {"more", make_service("more")}};
  auto x = say({"SVAPPLY"});
  ASSERT_EQ(x.find("warnings")->items().size(), 1u) << x;
  EXPECT_EQ(x.find("warnings")->items()[0].text().substr(0, 19),
            "6 instances need 14");
  EXPECT_EQ(warnings.back().substr(0, 19), "6 instances need 14");
  EXPECT_EQ(keeper.spawns, 6);
  descriptors = 14;
  EXPECT_TRUE(say({"SVAPPLY"}).find("warnings")->items().empty());
}

TEST_F(roster_apply_test, changes_nothing_that_could_not_be_stored) {
  begin({});
  definitions.next.services = {{"new", make_service("new")}};
  definitions.broken = fail(errc::io, "disk full");
  EXPECT_TRUE(say({"SVAPPLY"}).is_error());
  EXPECT_EQ(keeper.spawns, 0);
}

TEST_F(roster_apply_test, wants_force_for_a_plan_that_ends_most_of_what_runs) {
  std::vector<std::shared_ptr<service>> all;
  for (auto name : {"a", "b", "c", "d", "e", "f", "g"})
    all.push_back(make_service(name));
  begin(all);
  for (auto& x : all)
    keeper.confirm(x->name + "#0");
  settle();
  definitions.next.services = {};
  auto x = say({"SVAPPLY"});
  ASSERT_TRUE(x.is_error());
  EXPECT_NE(x.text().find("FORCE"), std::string::npos);
  tell(uut, atom::tell_v, link::reload_wanted{}); // SIGHUP is no FORCE
  ASSERT_FALSE(warnings.empty());
  EXPECT_NE(warnings.back().find("FORCE"), std::string::npos);
  EXPECT_TRUE(keeper.signals.empty());
  EXPECT_FALSE(say({"SVAPPLY", "FORCE"}).is_error());
  EXPECT_FALSE(keeper.signals.empty());
}

TEST_F(roster_apply_test, makes_room_before_it_starts_what_came_back) {
  auto web = make_service("web");
  begin({web});
  keeper.confirm("web#0");
  settle();
  definitions.next.services = {};
  say({"SVAPPLY"});
  definitions.next.services = {{"web", web}};
  say({"SVAPPLY"});
  EXPECT_EQ(keeper.spawns, 1);
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_EQ(keeper.spawns, 2);
}

} // namespace
} // namespace saker
