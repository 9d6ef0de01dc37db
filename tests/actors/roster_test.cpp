#include "actors/roster.hpp"

#include "tests/support/roster_world.hpp"

#include <algorithm>
#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using roster_test = test::roster_world;

TEST_F(roster_test, answers_at_once_whose_client_waits_no_more) {
  begin({make_service("a")});
  auto call = to_call({"SVWAIT", "a", "stuck", "1000"});
  call.client = 7;
  auto one = self->request(uut, caf::infinite, atom::call_v, call);
  call.client = 8;
  auto other = self->request(uut, caf::infinite, atom::call_v, call);
  settle();
  EXPECT_FALSE(self->has_next_message());
  tell(uut, atom::withdraw_v, std::uint64_t{7});
  ASSERT_TRUE(self->has_next_message());
  one.receive([](const resp::value& x) { EXPECT_EQ(*x.integer(), 0); },
              [](const caf::error&) { ADD_FAILURE(); });
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

TEST_F(roster_test, a_row_without_a_process_is_forgotten_in_silence) {
  inventory held;
  link::row row;
  row.key = "old#0";
  row.spawn_id = 7;
  row.state = link::row_state::idle;
  held.children.push_back({row, nullptr});
  begin({}, std::move(held));
  for (auto& text : said)
    EXPECT_EQ(text.find("no longer defined"), std::string::npos) << text;
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
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
  EXPECT_TRUE(std::any_of(said.begin(), said.end(), [](auto& text) {
    return text.find("held by the keeper but no longer defined") != text.npos;
  }));
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

TEST_F(roster_test, does_not_wait_for_one_that_fails) {
  auto fatal = make_service("a");
  fatal->exit.set("*", {supervision::decision::action::fatal, {}});
  begin({fatal});
  keeper.confirm("a#0");
  settle();
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               to_call({"SVWAIT", "a", "done", "1000"}));
  settle();
  EXPECT_FALSE(self->has_next_message());
  keeper.exit("a#0", 3);
  settle();
  pending.receive([](const resp::value& x) { EXPECT_EQ(*x.integer(), 0); },
                  [](const caf::error&) { FAIL(); });
  EXPECT_EQ(*say({"SVWAIT", "a", "running", "1000"}).integer(), 0);
  EXPECT_EQ(*say({"SVWAIT", "a", "failed", "1000"}).integer(), 1);
}

TEST_F(roster_test, acknowledges_the_end_of_a_job_that_nobody_waits_for) {
  inventory held;
  link::row row;
  row.key = "before:9#0";
  row.spawn_id = 9;
  row.kind = link::child_class::job;
  row.state = link::row_state::exited;
  held.children.push_back({row, nullptr});
  begin({make_service("a")}, std::move(held));
  EXPECT_EQ(
    keeper.acknowledged,
    (std::vector<std::pair<std::string, std::uint64_t>>{{"before:9#0", 9}}));
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

TEST_F(roster_test, tells_the_keeper_of_every_end_before_it_stops_anything) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  tell(uut, atom::stop_v, 9); // an exit table
  ASSERT_EQ(keeper.farewells.size(), 1u);
  EXPECT_EQ(keeper.farewells[0], (link::shutdown{link::farewell::begun, 9}));
  tell(uut, atom::call_v, to_call({"SHUTDOWN"}));
  EXPECT_EQ(keeper.farewells.size(), 1u);
  auto told = std::find_if(
    keeper.heard.begin(), keeper.heard.end(),
    [](auto& x) { return std::holds_alternative<link::shutdown>(x); });
  auto first_signal = std::find_if(
    keeper.heard.begin(), keeper.heard.end(),
    [](auto& x) { return std::holds_alternative<link::signal>(x); });
  EXPECT_NE(first_signal, keeper.heard.end());
  EXPECT_LT(told, first_signal);
}

TEST_F(roster_test, a_shutdown_by_command_is_told_to_the_keeper_too) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  tell(uut, atom::call_v, to_call({"SHUTDOWN"}));
  ASSERT_EQ(keeper.farewells.size(), 1u);
  EXPECT_EQ(keeper.farewells[0], (link::shutdown{link::farewell::begun, 0}));
}

TEST_F(roster_test, a_shutdown_with_a_wrong_word_changes_nothing) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  EXPECT_EQ(say({"SHUTDOWN", "KEEP", "foo"}).text(),
            "ERR syntax error; SHUTDOWN takes KEEP or nothing");
  EXPECT_TRUE(keeper.farewells.empty());
  tell(uut, atom::call_v, to_call({"SHUTDOWN", "now"}));
  EXPECT_FALSE(keeper.signals.empty()) << "nothing is kept";
}

TEST_F(roster_test, leaves_services_alone_when_it_is_told_to_keep_them) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  tell(uut, atom::call_v, to_call({"SHUTDOWN", "KEEP"}));
  EXPECT_TRUE(keeper.signals.empty());
  ASSERT_EQ(keeper.farewells.size(), 2u);
  EXPECT_EQ(keeper.farewells[0].how, link::farewell::leaving);
  EXPECT_EQ(keeper.farewells[1].how, link::farewell::keep);
  EXPECT_EQ(left, 1);
}

} // namespace
} // namespace saker
