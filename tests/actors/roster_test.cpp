#include "actors/roster.hpp"

#include "tests/support/roster_world.hpp"

#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using roster_test = test::roster_world;

TEST_F(roster_test, the_heading_tells_what_is_not_applied) {
  begin({make_service("a")});
  drift = drift_report{{"a.lua (changed)"}, {}};
  auto head = [this] {
    auto text = std::string{say({"SVSTATUS", "TEXT"}).text()};
    return text.substr(0, text.find("NAME"));
  };
  auto told
    = "SAFE MODE\nnot applied: a.lua (changed): SVAPPLY applies what is "
      "there\n";
  EXPECT_EQ(head(), told);
  // A disk that hangs: what was known last.
  drift = std::nullopt;
  auto id = self
              ->request(uut, caf::infinite, atom::call_v,
                        to_call({"SVSTATUS", "TEXT"}))
              .id();
  settle();
  EXPECT_FALSE(answer<resp::value>(id));
  advance(300ms);
  auto late = answer<resp::value>(id);
  ASSERT_TRUE(late && *late);
  EXPECT_TRUE((*late)->text().starts_with(told));
  drift = drift_report{};
  EXPECT_EQ(head(), "SAFE MODE\n");
}

TEST_F(roster_test, forgets_who_waits_when_that_client_is_gone) {
  begin({make_service("a")});
  auto call = to_call({"SVWAIT", "a", "stuck", "1000"});
  call.client = 7;
  self->request(uut, caf::infinite, atom::call_v, call);
  call.client = 8;
  auto other = self->request(uut, caf::infinite, atom::call_v, call);
  settle();
  tell(uut, atom::withdraw_v, std::uint64_t{7});
  EXPECT_FALSE(self->has_next_message());
  advance(1s);
  ASSERT_TRUE(self->has_next_message());
  other.receive([](const resp::value& x) { EXPECT_EQ(*x.integer(), 0); },
                [](const caf::error&) { ADD_FAILURE(); });
  EXPECT_FALSE(self->has_next_message());
}

TEST_F(roster_test, opens_when_every_instance_has_told_where_it_stands) {
  mute = true;
  begin({make_service("a"), make_service("b")});
  self->send(uut, atom::open_v);
  auto opened = 0;
  auto look = [&] {
    settle();
    while (self->has_next_message())
      self->receive([&](bool) { ++opened; });
  };
  look();
  EXPECT_EQ(opened, 0);
  status x;
  x.who = {"a", 0, false};
  self->send(uut, atom::status_v, std::string{"a#0"}, x);
  look();
  EXPECT_EQ(opened, 0);
  self->send(uut, atom::forget_v, std::string{"b#0"});
  look();
  EXPECT_EQ(opened, 1);
}

TEST_F(roster_test, starts_every_instance_of_what_is_defined) {
  auto api = make_service("api");
  api->count = 2;
  api->counted = true;
  begin({api, make_service("db")});
  for (auto key : {"api#0", "api#1", "db#0"})
    keeper.confirm(key);
  settle();
  auto rows = say({"SVSTATUS"});
  ASSERT_EQ(rows.items().size(), 3u);
  EXPECT_EQ(rows.items()[0].find("name")->text(), "api:0");
  EXPECT_EQ(rows.items()[2].find("state")->text(), "running");
}

TEST_F(roster_test, names_what_was_meant_when_a_mask_matches_nothing) {
  begin({make_service("database")});
  auto x = say({"SVSTATUS", "databse"});
  EXPECT_EQ(x.text().substr(0, 9), "NOSERVICE");
  EXPECT_NE(x.text().find("database"), std::string::npos);
}

TEST_F(roster_test, does_nothing_when_one_of_several_masks_matches_nothing) {
  begin({make_service("db")});
  keeper.confirm("db#0");
  settle();
  EXPECT_TRUE(say({"SVSTOP", "db", "nope"}).is_error());
  EXPECT_EQ(state_of("db"), "running");
  EXPECT_TRUE(journal.wanted.empty());
}

TEST_F(roster_test, answers_nothing_for_everything_of_nothing) {
  begin({});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  EXPECT_EQ(say({"SVSTATUS", "*"}).items().size(), 0u);
  EXPECT_FALSE(say({"SVSTATUS"}).is_error());
}

TEST_F(roster_test, remembers_a_stop_before_it_is_acknowledged) {
  begin({make_service("db")});
  keeper.confirm("db#0");
  settle();
  auto x = say({"SVSTOP", "db"});
  ASSERT_EQ(x.items().size(), 1u);
  EXPECT_EQ(*x.items()[0].find("code")->integer(), 0);
  ASSERT_EQ(journal.wanted.size(), 1u);
  EXPECT_EQ(journal.wanted[0].name, "db#0");
  EXPECT_FALSE(journal.wanted[0].up);
  EXPECT_EQ(journal.wanted[0].by, "amy@here");
}

TEST_F(roster_test, says_when_it_could_not_remember) {
  begin({make_service("db")});
  keeper.confirm("db#0");
  settle();
  journal.broken = true;
  auto x = say({"SVSTOP", "db"});
  ASSERT_TRUE(x.is_error());
  EXPECT_NE(x.text().find("disk full"), std::string::npos);
  EXPECT_EQ(state_of("db"), "stopping");
}

TEST_F(roster_test, keeps_stopped_what_was_stopped_before_the_start) {
  begin({make_service("db")}, {}, {{"db#0", false, "amy", 1}});
  EXPECT_EQ(state_of("db"), "stopped");
  EXPECT_EQ(keeper.spawns, 0);
}

TEST_F(roster_test, goes_on_with_what_the_keeper_holds) {
  inventory held;
  link::row row;
  row.key = "db#0";
  row.spawn_id = 7;
  row.pid = 4711;
  row.state = link::row_state::running;
  row.started = link::stamp{1};
  held.children.push_back({row, std::make_shared<std::vector<unique_fd>>()});
  begin({make_service("db")}, std::move(held));
  EXPECT_EQ(keeper.spawns, 0);
  auto rows = say({"SVSTATUS", "db"});
  EXPECT_EQ(*rows.items()[0].find("pid")->integer(), 4711);
}

TEST_F(roster_test, stops_what_is_held_but_no_longer_defined) {
  inventory held;
  link::row row;
  row.key = "old#0";
  row.spawn_id = 7;
  row.pid = 4711;
  row.state = link::row_state::running;
  row.started = link::stamp{1};
  held.children.push_back({row, nullptr});
  keeper.living["old#0"] = {7, 4711};
  begin({}, std::move(held));
  ASSERT_FALSE(keeper.signals.empty());
  EXPECT_EQ(keeper.signals[0], (std::pair{std::string{"old#0"}, SIGTERM}));
  keeper.die("old#0", SIGTERM);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
}

TEST_F(roster_test, waits_for_a_state_and_counts_those_that_reached_it) {
  begin({make_service("a"), make_service("b")});
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               to_call({"SVWAIT", "*", "running", "1000"}));
  settle();
  keeper.confirm("a#0");
  settle();
  EXPECT_FALSE(self->has_next_message());
  advance(1s);
  pending.receive([](const resp::value& x) { EXPECT_EQ(*x.integer(), 1); },
                  [](const caf::error&) { FAIL(); });
  keeper.confirm("b#0");
  settle();
  EXPECT_EQ(*say({"SVWAIT", "*", "running", "1000"}).integer(), 2);
}

TEST_F(roster_test, refuses_states_and_signals_that_do_not_exist) {
  begin({make_service("a")});
  EXPECT_TRUE(say({"SVWAIT", "a", "happy", "1"}).is_error());
  EXPECT_TRUE(say({"SVWAIT", "a", "running", "soon"}).is_error());
  EXPECT_TRUE(say({"SVSIGNAL", "NOSUCH", "a"}).is_error());
  EXPECT_EQ(say({"SVSIGNAL", "a", "KILL"}).text(),
            "ERR \"a\" is no signal; the signal comes first: SVSIGNAL KILL a");
  EXPECT_TRUE(say({"SVSTART", "a", "WAIT", "-1"}).is_error());
}

TEST_F(roster_test, shows_an_accepted_wish_to_whoever_asks_next) {
  mute = true; // its supervisor has not told yet
  begin({make_service("a")});
  self->request(uut, caf::infinite, atom::call_v, to_call({"SVSTOP", "a"}));
  auto rows = say({"SVSTATUS", "a"});
  EXPECT_EQ(rows.items()[0].find("intent")->text(), "down");
  EXPECT_EQ(rows.items()[0].find("intent_by")->text(), "amy@here");
}

TEST_F(roster_test, passes_a_signal_on) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  say({"SVSIGNAL", "usr1", "a"});
  EXPECT_EQ(keeper.signals.back(), (std::pair{std::string{"a#0"}, SIGUSR1}));
}

TEST_F(roster_test, applies_only_what_differs) {
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

TEST_F(roster_test, says_when_descriptors_will_not_be_enough) {
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
  descriptors = 14;
  EXPECT_TRUE(say({"SVAPPLY"}).find("warnings")->items().empty());
}

TEST_F(roster_test, changes_nothing_that_could_not_be_stored) {
  begin({});
  definitions.next.services = {{"new", make_service("new")}};
  definitions.broken = fail(errc::io, "disk full");
  EXPECT_TRUE(say({"SVAPPLY"}).is_error());
  EXPECT_EQ(keeper.spawns, 0);
}

TEST_F(roster_test, wants_force_for_a_plan_that_ends_most_of_what_runs) {
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

TEST_F(roster_test, makes_room_before_it_starts_what_came_back) {
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

TEST_F(roster_test, ends_when_no_child_is_left) {
  begin({make_service("a"), make_service("b")});
  keeper.confirm("a#0");
  keeper.confirm("b#0");
  settle();
  tell(uut, atom::tell_v, link::shutdown_wanted{1});
  keeper.die("a#0", SIGTERM);
  settle();
  EXPECT_EQ(left, 0);
  keeper.die("b#0", SIGTERM);
  settle();
  EXPECT_EQ(left, 1);
  ASSERT_EQ(keeper.farewells.size(), 2u);
  EXPECT_EQ(keeper.farewells[0].how, link::farewell::begun);
  EXPECT_EQ(keeper.farewells[1].how, link::farewell::stop);
  EXPECT_TRUE(say({"SVSTART", "a"}).is_error());
}

TEST_F(roster_test, leaves_services_alone_when_it_is_told_to_keep_them) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  tell(uut, atom::call_v, to_call({"SHUTDOWN", "KEEP"}));
  EXPECT_TRUE(keeper.signals.empty());
  ASSERT_EQ(keeper.farewells.size(), 1u);
  EXPECT_EQ(keeper.farewells[0].how, link::farewell::keep);
  EXPECT_EQ(left, 1);
}

TEST_F(roster_test, shows_why_a_service_failed_and_what_it_said_last) {
  disk.last_line = "no such table";
  begin({make_service("db")});
  keeper.fail_start("db#0", "exec", ENOENT, "/bin/db");
  settle();
  auto x = say({"SVSTATUS", "TEXT"});
  for (auto part : {"failed", "no such table", "/var/lib/saker/log/db.log"})
    EXPECT_NE(x.text().find(part), std::string::npos) << x.text();
  may = {};
  may.add(resp::right::status); // to look, not to read what it puts out
  x = say({"SVSTATUS", "TEXT"});
  EXPECT_NE(x.text().find("failed"), std::string::npos);
  EXPECT_EQ(x.text().find("no such table"), std::string::npos) << x.text();
}

} // namespace
} // namespace saker
