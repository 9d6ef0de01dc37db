#include "actors/roster.hpp"

#include "tests/support/roster_world.hpp"

#include <algorithm>
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

TEST_F(roster_test, the_heading_tells_the_errors_of_an_apply) {
  begin({make_service("a")});
  drift = drift_report{{"b.lua (new)"}, {}};
  definitions.next.errors = {"/x/b.lua:7: no"};
  definitions.next.services.emplace("a", make_service("a"));
  say({"SVAPPLY"});
  auto text = std::string{say({"SVSTATUS", "TEXT"}).text()};
  EXPECT_NE(text.find("b.lua has an error: line 7: no\n"), std::string::npos)
    << text;
  EXPECT_EQ(text.find("not applied"), std::string::npos);
}

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
  ASSERT_EQ(x.items().size(), 1u) << x;
  EXPECT_EQ(x.items()[0].find("name")->text(), "db");
  EXPECT_EQ(*x.items()[0].find("code")->integer(), 0);
  auto desc = x.items()[0].find("desc")->text();
  EXPECT_TRUE(desc.starts_with("stopping")) << desc;
  EXPECT_TRUE(desc.ends_with("; this will be forgotten at the next start: disk "
                             "full"))
    << desc;
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

TEST_F(roster_test, restarts_only_what_runs_when_told_to_try) {
  begin({make_service("a"), make_service("b")}, {}, {{"b#0", false, "amy", 1}});
  keeper.confirm("a#0");
  settle();
  advance(1s);
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               to_call({"SVTRYRESTART", "*"}));
  settle();
  keeper.die("a#0", SIGTERM);
  settle();
  keeper.confirm("a#0");
  settle();
  advance(1s);
  pending.receive(
    [](const resp::value& x) {
      ASSERT_EQ(x.items().size(), 2u);
      EXPECT_EQ(x.items()[0].find("desc")->text(), "running, pid 102");
      EXPECT_EQ(x.items()[1].find("desc")->text(), "not running: nothing done");
    },
    [](const caf::error&) { FAIL(); });
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_TRUE(journal.wanted.empty());
}

TEST_F(roster_test, remembers_and_shows_what_was_dropped) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  auto x = say({"SVDROP", "a"});
  EXPECT_EQ(*x.items()[0].find("code")->integer(), 0);
  ASSERT_EQ(journal.wanted.size(), 1u);
  EXPECT_TRUE(journal.wanted[0].dropped);
  EXPECT_FALSE(journal.wanted[0].up);
  auto rows = say({"SVSTATUS", "a"});
  EXPECT_EQ(rows.items()[0].find("intent")->text(), "dropped");
  EXPECT_EQ(rows.items()[0].find("state")->text(), "running");
  keeper.exit("a#0", 1);
  settle();
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_EQ(state_of("a"), "stopped");
}

TEST_F(roster_test, does_not_start_what_was_dropped_before_the_start) {
  begin({make_service("a")}, {}, {{"a#0", false, "amy", 1, true}});
  EXPECT_EQ(keeper.spawns, 0);
  auto rows = say({"SVSTATUS", "a"});
  EXPECT_EQ(rows.items()[0].find("intent")->text(), "dropped");
}

TEST_F(roster_test, starts_by_itself_what_was_enabled) {
  auto a = make_service("a");
  auto b = make_service("b");
  auto c = make_service("c");
  a->autostart = false;
  using topic = setting::topic;
  begin({a, b, c}, {}, {{"c#0", true, "amy", 1}},
        {{topic::autostart, "a#0", 1, 0, "amy", 1},
         {topic::autostart, "b#0", 0, 0, "amy", 1},
         {topic::autostart, "c#0", 0, 0, "amy", 1}});
  EXPECT_TRUE(keeper.living.contains("a#0"));
  EXPECT_FALSE(keeper.living.contains("b#0"));
  EXPECT_TRUE(keeper.living.contains("c#0")); // what was wanted comes first
}

TEST_F(roster_test, remembers_an_enable_and_says_what_counts_before_it) {
  begin({make_service("a"), make_service("b")}, {}, {{"b#0", false, "amy", 1}});
  auto x = say({"SVENABLE", "*", "WAIT", "1"});
  ASSERT_EQ(x.items().size(), 2u);
  EXPECT_EQ(x.items()[0].find("desc")->text(), "starts when Saker starts");
  EXPECT_EQ(x.items()[1].find("desc")->text(),
            "starts when Saker starts; but first of all counts that amy "
            "stopped it");
  ASSERT_EQ(journal.set.size(), 2u);
  EXPECT_EQ(journal.set[0].name, "a#0");
  EXPECT_EQ(journal.set[0].value, 1);
  EXPECT_EQ(state_of("b"), "stopped");
  say({"SVDISABLE", "a"});
  EXPECT_EQ(journal.set.back().value, 0);
  EXPECT_EQ(state_of("a"), "starting");
  journal.broken = true;
  EXPECT_NE(
    say({"SVENABLE", "a"}).items()[0].find("desc")->text().find("disk full"),
    std::string::npos);
}

TEST_F(roster_test, pauses_and_lets_go_on) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  auto x = say({"SVPAUSE", "a"});
  EXPECT_EQ(x.items()[0].find("desc")->text(),
            "running, pid 101: paused by amy@here");
  EXPECT_EQ(keeper.signals.back(), (std::pair{std::string{"a#0"}, SIGSTOP}));
  x = say({"SVCONT", "a"});
  EXPECT_EQ(x.items()[0].find("desc")->text(), "running, pid 101");
  EXPECT_EQ(keeper.signals.back(), (std::pair{std::string{"a#0"}, SIGCONT}));
  EXPECT_TRUE(journal.wanted.empty());
}

TEST_F(roster_test, resets_without_a_start) {
  begin({make_service("a")});
  keeper.fail_start("a#0", "exec", ENOENT, "/bin/a");
  settle();
  auto x = say({"SVRESET", "a"});
  EXPECT_EQ(x.items()[0].find("desc")->text(),
            "stopped: reset by amy@here; a start is needed");
  EXPECT_EQ(keeper.spawns, 1);
}

TEST_F(roster_test, looks_at_everything_when_told_to) {
  begin({make_service("a"), make_service("b")});
  keeper.confirm("a#0");
  keeper.fail_start("b#0", "exec", ENOENT, "/bin/b");
  settle();
  auto x = say({"SVCHECK"});
  ASSERT_EQ(x.items().size(), 2u);
  EXPECT_EQ(*x.items()[0].find("code")->integer(), 0);
  EXPECT_EQ(*x.items()[1].find("code")->integer(), 1);
  EXPECT_EQ(keeper.signals.back(), (std::pair{std::string{"a#0"}, 0}));
  EXPECT_EQ(say({"SVCHECK", "a"}).items().size(), 1u);
}

TEST_F(roster_test, does_nothing_at_all_without_a_mask) {
  begin({make_service("a")});
  for (auto name :
       {"SVSTART", "SVSTOP", "SVRESTART", "SVTRYRESTART", "SVRESET", "SVPAUSE",
        "SVCONT", "SVRELOAD", "SVDROP", "SVENABLE", "SVDISABLE"}) {
    EXPECT_EQ(say({name, "WAIT", "5"}).text().substr(0, 29),
              "ERR wrong number of arguments")
      << name;
    EXPECT_EQ(say({name, "b"}).text().substr(0, 9), "NOSERVICE") << name;
    EXPECT_EQ(say({name, "a@n2"}).text().substr(0, 6), "NONODE") << name;
  }
}

TEST_F(roster_test, acts_on_groups_of_services) {
  auto a = make_service("a");
  auto b = make_service("b");
  a->groups = {"front"};
  b->groups = {"front", "slow"};
  b->count = 2;
  b->counted = true;
  begin({a, b, make_service("c")});
  for (auto key : {"a#0", "b#0", "b#1", "c#0"})
    keeper.confirm(key);
  settle();
  EXPECT_EQ(to_string(say({"SVGMEMBER", "front"})), R"(["a", "b"])");
  EXPECT_EQ(to_string(say({"SVGMEMBER", "front", "%slow"})), R"(["a", "b"])");
  EXPECT_EQ(say({"SVGSTATUS", "slow"}).items().size(), 2u);
  EXPECT_EQ(say({"SVGSTATUS", "slow", "JSON"}).text().substr(0, 14),
            "[{\"name\":\"b:0\"");
  EXPECT_EQ(say({"SVGSTOP", "slow", "WAIT", "0"}).items().size(), 2u);
  EXPECT_EQ(state_of("b:0"), "stopping");
  EXPECT_EQ(state_of("a"), "running");
  EXPECT_EQ(say({"SVSTOP", "%front"}).items().size(), 3u);
  EXPECT_EQ(state_of("c"), "running");
  EXPECT_EQ(say({"SVGSTART", "fornt"}).text(),
            "NOSERVICE no service is in a group \"fornt\" (did you mean "
            "\"%front\"?)");
}

/// `web` with so many instances that run.
class scale_test : public roster_test {
protected:
  void begin_with(std::uint32_t count, setting_list set = {}) {
    web->count = count;
    web->counted = true;
    begin({web}, {}, {}, std::move(set));
    confirm_all();
  }

  void confirm_all() {
    for (auto& [key, child] : keeper.living)
      if (child.pid == 0)
        keeper.confirm(key);
    settle();
    advance(1s);
  }

  /// Asks for what is not answered at once.
  template <class Check>
  void later(std::vector<std::string> args, Check check) {
    auto pending = self->request(uut, caf::infinite, atom::call_v,
                                 to_call(std::move(args)));
    settle();
    check();
    pending.receive([this](const resp::value& x) { reply = x; },
                    [](const caf::error&) { FAIL(); });
  }

  /// One more row of the reply: `web:1 0 running, pid 7`.
  std::string row(std::size_t i) {
    auto& x = reply.items()[i];
    return std::string{x.find("name")->text()} + ' '
           + std::to_string(*x.find("code")->integer()) + ' '
           + std::string{x.find("desc")->text()};
  }

  std::shared_ptr<service> web = make_service("web");
  resp::value reply;
};

TEST_F(scale_test, starts_new_instances_and_touches_no_other) {
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

TEST_F(scale_test, stops_and_forgets_those_with_the_largest_numbers) {
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

TEST_F(scale_test, goes_down_to_none_and_up_again) {
  begin_with(1);
  say({"SVSCALE", "web", "0"});
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  later({"SVSCALE", "web", "1"}, [this] { confirm_all(); });
  EXPECT_EQ(state_of("web"), "running");
  EXPECT_EQ(journal.forgotten.back(), "web"); // it is what is written
}

TEST_F(scale_test, shows_indexes_as_soon_as_there_are_several) {
  begin({web});
  confirm_all();
  later({"SVSCALE", "web", "2"}, [this] { confirm_all(); });
  auto rows = say({"SVSTATUS"});
  EXPECT_EQ(rows.items()[0].find("name")->text(), "web:0");
}

TEST_F(scale_test, new_ones_of_a_stopped_service_are_stopped) {
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

TEST_F(scale_test, new_ones_of_a_cron_service_wait_for_their_time) {
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

TEST_F(scale_test, counts_over_starts_and_applies) {
  begin_with(1, {{setting::topic::count, "web", 2, 1, "amy", 1}});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 2u);
  definitions.next.services = {{"web", web}};
  auto x = say({"SVAPPLY"});
  EXPECT_EQ(*x.find("unchanged")->integer(), 1);
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 2u);
}

TEST_F(scale_test, is_forgotten_when_the_definition_says_something_new) {
  begin_with(1, {{setting::topic::count, "web", 2, 1, "amy", 1}});
  auto more = std::make_shared<service>(*web);
  more->count = 4;
  definitions.next.services = {{"web", more}};
  say({"SVAPPLY"});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 4u);
  EXPECT_EQ(journal.forgotten.back(), "web");
}

TEST_F(scale_test, of_before_the_start_is_forgotten_likewise) {
  begin_with(3, {{setting::topic::count, "web", 2, 1, "amy", 1}});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 3u);
  EXPECT_EQ(journal.forgotten, (std::vector<std::string>{"web"}));
}

TEST_F(scale_test, refuses_what_makes_no_sense) {
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

TEST_F(scale_test, rolls_a_restart_some_at_a_time) {
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

TEST_F(scale_test, a_rolling_restart_ends_with_a_batch_that_fails) {
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

TEST_F(scale_test, a_rolling_restart_does_not_wait_for_ever) {
  begin_with(2);
  later({"SVTRYRESTART", "web", "ROLLING", "1", "WAIT", "3000"},
        [this] { advance(3s); });
  EXPECT_EQ(row(0).substr(0, 7), "web:0 2");
  EXPECT_EQ(row(1).substr(0, 7), "web:1 3");
}

TEST_F(scale_test, a_rolling_restart_passes_those_that_left_meanwhile) {
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

class run_test : public scale_test {
protected:
  void run(std::vector<std::string> words = {"SVRUN", "job", "make", "all"}) {
    later(std::move(words), [this] { confirm_all(); });
  }

  inventory holding(link::row_state how) {
    inventory held;
    link::row row;
    row.key = "job#0";
    row.spawn_id = 7;
    row.state = how;
    row.started = link::stamp{1};
    note kept;
    kept.at = state::running;
    kept.wanted_up = true;
    kept.ready = true;
    kept.spawn_id = 7;
    kept.started = time_point{1s};
    row.note = encode(kept, time_point{2s}, links->boot_offset);
    if (how == link::row_state::running)
      row.pid = 4711;
    held.children.push_back({row, nullptr});
    return held;
  }

  setting remembered() {
    return {setting::topic::command,      "job", 0, 0, "amy", 1,
            std::string{"make\0all\0", 9}};
  }
};

TEST_F(run_test, runs_a_command_as_a_service) {
  begin({});
  run();
  ASSERT_EQ(reply.items().size(), 1u);
  EXPECT_EQ(row(0), "job 0 running, pid 101");
  auto rows = say({"SVSTATUS", "job"});
  EXPECT_EQ(rows.items()[0].find("where")->text(), "SVRUN by amy@here");
  ASSERT_EQ(journal.set.size(), 1u);
  EXPECT_EQ(journal.set[0].text, remembered().text);
  EXPECT_TRUE(journal.wanted.empty()); // another boot does not start it
}

TEST_F(run_test, shows_how_it_ended_until_it_is_stopped) {
  begin({});
  run();
  keeper.exit("job#0", 3);
  settle();
  EXPECT_EQ(state_of("job"), "failed");
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_FALSE(say({"SVSTOP", "job"}).is_error());
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  EXPECT_NE(
    std::find(journal.forgotten.begin(), journal.forgotten.end(), "job"),
    journal.forgotten.end());
}

TEST_F(run_test, is_gone_when_it_was_stopped_and_has_ended) {
  begin({});
  run();
  say({"SVSTOP", "job"});
  EXPECT_EQ(state_of("job"), "stopping");
  keeper.die("job#0", SIGTERM);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
}

TEST_F(run_test, is_gone_when_it_was_dropped_and_has_ended) {
  begin({});
  run();
  say({"SVDROP", "job"});
  EXPECT_EQ(state_of("job"), "running");
  keeper.exit("job#0", 0);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
}

TEST_F(run_test, runs_once_more_when_it_has_ended) {
  begin({});
  run();
  EXPECT_EQ(say({"SVRUN", "job", "ls"}).text().substr(0, 30),
            "ERR \"job\" has not ended yet: t");
  keeper.exit("job#0", 0);
  settle();
  EXPECT_EQ(state_of("job"), "done");
  run({"SVRUN", "job", "ls"});
  EXPECT_EQ(row(0), "job 0 running, pid 102");
  EXPECT_EQ(keeper.spawns, 2);
}

TEST_F(run_test, numbered_takes_the_next_free_name) {
  auto db = make_service("db");
  begin({db});
  run({"SVRUN", "job", "--numbered", "sleep", "1"});
  EXPECT_EQ(row(0), "job 0 running, pid 102");
  run({"SVRUN", "job", "--numbered", "sleep", "2"});
  EXPECT_EQ(row(0), "job-2 0 running, pid 103");
  run({"SVRUN", "db", "--numbered", "sleep", "3"});
  EXPECT_EQ(row(0), "db-2 0 running, pid 104");
  keeper.exit("job#0", 0);
  settle();
  run({"SVRUN", "job", "--numbered", "sleep", "4"});
  EXPECT_EQ(row(0), "job 0 running, pid 105");
  EXPECT_EQ(journal.set.back().name, "job");
}

TEST_F(run_test, numbered_does_not_start_what_has_that_pidfile_twice) {
  begin({});
  run({"SVRUN", "job", "--numbered", "--pidfile", "/run/a.pid", "--", "x"});
  EXPECT_EQ(
    say({"SVRUN", "job", "--numbered", "--pidfile", "/run/a.pid", "--", "x"})
      .text()
      .substr(0, 30),
    "ERR \"job\" has not ended yet: t");
  run({"SVRUN", "job", "--numbered", "--pidfile", "/run/b.pid", "--", "x"});
  EXPECT_EQ(row(0), "job-2 0 running, pid 102");
}

TEST_F(run_test, does_not_take_the_name_of_a_service) {
  auto db = make_service("db");
  db->where = {"db.lua", 3};
  begin({db});
  EXPECT_EQ(say({"SVRUN", "db", "ls"}).text(),
            "ERR there is a service \"db\" already, in db.lua:3: take another "
            "name");
  EXPECT_TRUE(say({"SVRUN", "a:1", "ls"}).is_error());
  EXPECT_EQ(say({"SVRUN", "a@n2", "ls"}).text().substr(0, 6), "NONODE");
  EXPECT_TRUE(say({"SVSCALE", "db", "1"}).items().size() == 1);
}

TEST_F(run_test, goes_on_in_the_next_node) {
  begin({}, holding(link::row_state::running), {}, {remembered()});
  EXPECT_EQ(state_of("job"), "running");
  EXPECT_TRUE(keeper.signals.empty());
  auto rows = say({"SVSTATUS", "job"});
  EXPECT_EQ(*rows.items()[0].find("pid")->integer(), 4711);
  EXPECT_TRUE(say({"SVSCALE", "job", "2"}).is_error());
}

TEST_F(run_test, is_forgotten_where_nothing_of_it_is_left) {
  begin({}, holding(link::row_state::idle), {}, {remembered()});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  EXPECT_EQ(keeper.spawns, 0);
  EXPECT_EQ(journal.forgotten.front(), "job");
}

TEST_F(run_test, an_apply_leaves_it_alone_unless_it_defines_it) {
  begin({});
  run();
  definitions.next.services = {};
  auto x = say({"SVAPPLY"});
  EXPECT_EQ(x.find("remove")->items().size(), 0u);
  EXPECT_EQ(state_of("job"), "running");
  auto job = make_service("job");
  job->exec = {"make", "all"};
  definitions.next.services = {{"job", job}};
  x = say({"SVAPPLY"});
  EXPECT_EQ(x.find("live")->items().size(), 1u);
  EXPECT_EQ(keeper.spawns, 1);
  say({"SVSTOP", "job"});
  keeper.die("job#0", SIGTERM);
  settle();
  EXPECT_EQ(state_of("job"), "stopped"); // it is defined, and stays
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
  EXPECT_EQ(warnings.back().substr(0, 19), "6 instances need 14");
  EXPECT_EQ(keeper.spawns, 6);
  descriptors = 14;
  EXPECT_TRUE(say({"SVAPPLY"}).find("warnings")->items().empty());
}

TEST_F(run_test, starts_nothing_that_descriptors_will_not_be_enough_for) {
  begin_with(2);
  descriptors = 90;
  clients = 86;
  auto refused = say({"SVSCALE", "web", "3"});
  EXPECT_EQ(refused.text().substr(0, 50),
            "ERR 3 instances and 86 clients need 92 descriptors");
  EXPECT_NE(refused.text().find("LimitNOFILE"), std::string::npos);
  EXPECT_EQ(say({"SVRUN", "job", "ls"}).text(), refused.text());
  EXPECT_TRUE(say({"SVSTATUS", "job"}).is_error());
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_TRUE(journal.set.empty());
  clients = 100; // what is too much already may become less
  EXPECT_FALSE(say({"SVSCALE", "web", "1"}).is_error());
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

TEST_F(roster_test, names_no_log_of_what_has_never_run) {
  disk.refusal = fail(errc::not_found, "there is no such file");
  begin({make_service("db")});
  keeper.fail_start("db#0", "exec", ENOENT, "/bin/db");
  settle();
  auto x = say({"SVSTATUS", "TEXT"});
  EXPECT_NE(x.text().find("failed"), std::string::npos) << x.text();
  EXPECT_EQ(x.text().find("/var/lib/saker/log"), std::string::npos) << x.text();
}

TEST_F(roster_test, text_is_ascii_unless_utf8_is_asked_for) {
  disk.last_line = "f\xc3\xbc"
                   "r …";
  begin({make_service("db")});
  keeper.fail_start("db#0", "exec", ENOENT, "/bin/" + std::string(100, 'x'));
  settle();
  auto ascii = std::string{say({"SVSTATUS", "TEXT"}).text()};
  EXPECT_TRUE(std::none_of(ascii.begin(), ascii.end(),
                           [](char c) { return (c & 0x80) != 0; }))
    << ascii;
  EXPECT_NE(ascii.find("xxx..."), std::string::npos) << ascii;
  EXPECT_NE(ascii.find("f\\xc3\\xbcr ..."), std::string::npos) << ascii;
  auto utf8 = std::string{say({"SVSTATUS", "db", "TEXT", "UTF8"}).text()};
  EXPECT_NE(utf8.find("xxx…"), std::string::npos) << utf8;
  EXPECT_NE(utf8.find("f\xc3\xbc"
                      "r …"),
            std::string::npos)
    << utf8;
  EXPECT_TRUE(say({"SVSTATUS", "UTF8"}).is_error());
}

TEST_F(roster_test, errors_of_groups_are_in_the_words_that_were_typed) {
  begin({make_service("a")});
  EXPECT_EQ(say({"SVGMEMBER", ""}).text(),
            "ERR \"\" names no group: it is empty");
  EXPECT_EQ(say({"SVGSTOP", "@"}).text(),
            "ERR \"@\" names no group: the name is missing");
  EXPECT_EQ(say({"SVGSTATUS", "%", "TEXT"}).text(),
            "ERR \"%\" names no group: the name is missing");
  EXPECT_TRUE(say({"SVSTOP", "%*"}).text().starts_with("NOSERVICE "));
}

/// Whatever the clocks say: nothing has happened.
TEST_F(roster_test, since_stays_while_the_state_does) {
  advance(5s);
  begin({make_service("a")});
  auto since = [&] {
    auto rows = say({"SVSTATUS", "a"});
    return rows.items()[0].find("since")->integer().value_or(0);
  };
  auto first = since();
  EXPECT_GT(first, 0);
  links->unix_ms = [] { return std::int64_t{1}; };
  EXPECT_EQ(since(), first);
}

} // namespace
} // namespace saker
