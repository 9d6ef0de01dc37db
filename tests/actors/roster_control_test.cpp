#include "tests/support/roster_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using roster_control_test = test::roster_world;

TEST_F(roster_control_test,
       does_nothing_when_one_of_several_masks_matches_nothing) {
  begin({make_service("db")});
  keeper.confirm("db#0");
  settle();
  EXPECT_TRUE(say({"SVSTOP", "db", "nope"}).is_error());
  EXPECT_EQ(state_of("db"), "running");
  EXPECT_TRUE(journal.wanted.empty());
}

TEST_F(roster_control_test, remembers_a_stop_before_it_is_acknowledged) {
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

TEST_F(roster_control_test, says_when_it_could_not_remember) {
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

TEST_F(roster_control_test, refuses_states_and_signals_that_do_not_exist) {
  begin({make_service("a")});
  EXPECT_TRUE(say({"SVWAIT", "a", "happy", "1"}).is_error());
  EXPECT_TRUE(say({"SVWAIT", "a", "running", "soon"}).is_error());
  EXPECT_TRUE(say({"SVSIGNAL", "NOSUCH", "a"}).is_error());
  EXPECT_EQ(say({"SVSIGNAL", "a", "KILL"}).text(),
            "ERR \"a\" is no signal; the signal comes first: SVSIGNAL KILL a");
  EXPECT_TRUE(say({"SVSTART", "a", "WAIT", "-1"}).is_error());
}

TEST_F(roster_control_test, passes_a_signal_on) {
  begin({make_service("a")});
  keeper.confirm("a#0");
  settle();
  say({"SVSIGNAL", "usr1", "a"});
  EXPECT_EQ(keeper.signals.back(), (std::pair{std::string{"a#0"}, SIGUSR1}));
}

TEST_F(roster_control_test, restarts_only_what_runs_when_told_to_try) {
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

TEST_F(roster_control_test, remembers_and_shows_what_was_dropped) {
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

TEST_F(roster_control_test, does_not_start_what_was_dropped_before_the_start) {
  begin({make_service("a")}, {}, {{"a#0", false, "amy", 1, true}});
  EXPECT_EQ(keeper.spawns, 0);
  auto rows = say({"SVSTATUS", "a"});
  EXPECT_EQ(rows.items()[0].find("intent")->text(), "dropped");
}

TEST_F(roster_control_test, starts_by_itself_what_was_enabled) {
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

TEST_F(roster_control_test,
       remembers_an_enable_and_says_what_counts_before_it) {
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

TEST_F(roster_control_test, pauses_and_lets_go_on) {
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

TEST_F(roster_control_test, resets_without_a_start) {
  begin({make_service("a")});
  keeper.fail_start("a#0", "exec", ENOENT, "/bin/a");
  settle();
  auto x = say({"SVRESET", "a"});
  EXPECT_EQ(x.items()[0].find("desc")->text(),
            "stopped: reset by amy@here; a start is needed");
  EXPECT_EQ(keeper.spawns, 1);
}

TEST_F(roster_control_test, looks_at_everything_when_told_to) {
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

TEST_F(roster_control_test, does_nothing_at_all_without_a_mask) {
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

TEST_F(roster_control_test, acts_on_groups_of_services) {
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

TEST_F(roster_control_test, errors_of_groups_are_in_the_words_that_were_typed) {
  begin({make_service("a")});
  EXPECT_EQ(say({"SVGMEMBER", ""}).text(),
            "ERR \"\" names no group: it is empty");
  EXPECT_EQ(say({"SVGSTOP", "@"}).text(),
            "ERR \"@\" names no group: the name is missing");
  EXPECT_EQ(say({"SVGSTATUS", "%", "TEXT"}).text(),
            "ERR \"%\" names no group: the name is missing");
  EXPECT_TRUE(say({"SVSTOP", "%*"}).text().starts_with("NOSERVICE "));
}

} // namespace
} // namespace saker
