#include "actors/status_board.hpp"

#include "tests/support/roster_world.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace std::chrono_literals;
using resp::protocol;

class status_board_test : public test::roster_world {
protected:
  session::moment now() {
    auto at = coordinator().clock().now();
    return {at,
            std::chrono::system_clock::time_point{
              std::chrono::duration_cast<std::chrono::system_clock::duration>(
                at.time_since_epoch())}};
  }

  /// Nothing: it does not know.
  std::optional<std::string>
  told(const std::string& name, protocol in = protocol::resp3) {
    std::string text;
    if (links->board->tell(name, now(), {text, in}))
      return text;
    EXPECT_EQ(text, "");
    return std::nullopt;
  }

  /// What the ROSTER answers.
  std::string asked(const std::string& name, protocol in = protocol::resp3) {
    return resp::encode(say({"SVSTATUS", name}), in);
  }
};

TEST_F(status_board_test, tells_what_the_roster_would) {
  auto idle = make_service("idle");
  idle->autostart = false;
  begin({make_service("web"), idle});
  for (auto name : {"web", "idle"})
    for (auto in : {protocol::resp2, protocol::resp3})
      EXPECT_EQ(told(name, in), asked(name, in)) << name;
  keeper.confirm("web#0");
  settle();
  advance(70s);
  say({"SVSTOP", "web"});
  EXPECT_EQ(told("web"), asked("web"));
  keeper.exit("web#0", 1);
  settle();
  EXPECT_EQ(told("web"), asked("web"));
  EXPECT_NE(told("web")->find("stopped"), std::string::npos);
}

TEST_F(status_board_test, leaves_to_the_roster_what_is_more_than_one_service) {
  auto many = make_service("many");
  many->count = 2;
  auto json = make_service("json");
  auto first = make_service("first"); // of several, of which some come later
  first->counted = true;
  begin({many, json, first, make_service("web")});
  for (auto name : {"first", "many", "many:0", "json", "JSON", "text", "*",
                    "w*", "web@n1", "%group", "nosuch", ""})
    EXPECT_EQ(told(name), std::nullopt) << name;
  EXPECT_TRUE(told("web"));
}

TEST_F(status_board_test, knows_what_comes_and_goes) {
  begin({make_service("a"), make_service("b")});
  keeper.confirm("a#0");
  settle();
  definitions.next.services.emplace("b", make_service("b"));
  definitions.next.services.emplace("c", make_service("c"));
  say({"SVAPPLY", "FORCE"});
  EXPECT_TRUE(told("b"));
  EXPECT_TRUE(told("c"));
  EXPECT_EQ(told("c"), asked("c"));
  EXPECT_TRUE(told("a")) << "it is stopping";
  keeper.exit("a#0", 0);
  settle();
  advance(1s);
  EXPECT_EQ(told("a"), std::nullopt);
  EXPECT_NE(asked("a").find("NOSERVICE"), std::string::npos);
}

/// Whoever is answered looks next.
TEST_F(status_board_test, is_not_behind_an_answer) {
  auto x = make_service("x");
  x->autostart = false;
  begin({x});
  auto id
    = self->request(uut, caf::infinite, atom::call_v, to_call({"SVSTART", "x"}))
        .id();
  settle();
  keeper.confirm("x#0");
  settle();
  // It has lived for long enough: step by step from here to the answer.
  coordinator().clock().advance_time(100ms);
  auto seen = false;
  for (auto i = 0; i < 1000 && !seen; ++i) {
    coordinator().try_run_once();
    seen = answer<resp::value>(id).has_value();
    if (seen) {
      EXPECT_EQ(told("x")->find("stopped"), std::string::npos);
    }
  }
  EXPECT_TRUE(seen);
}

TEST_F(status_board_test, shows_what_is_wanted_before_the_supervisor_tells) {
  mute = true;
  auto x = make_service("x");
  x->autostart = false;
  begin({x});
  auto intent = [this] {
    auto row = told("x").value_or("");
    auto at = row.find("intent\r\n");
    return at == row.npos
             ? row
             : row.substr(at + 12, row.find('\r', at + 12) - (at + 12));
  };
  EXPECT_EQ(intent(), "down");
  say({"SVSTART", "x"});
  EXPECT_EQ(intent(), "up");
  EXPECT_NE(told("x")->find("amy@here"), std::string::npos);
  say({"SVDROP", "x"});
  EXPECT_EQ(intent(), "dropped");
  EXPECT_EQ(told("x"), asked("x"));
}

/// What is on its way to the ROSTER is on the board already.
TEST_F(status_board_test, shows_nobody_an_older_state_than_before) {
  mute = true;
  begin({make_service("x")});
  supervision::status newer;
  newer.who = {"x", 0, false};
  newer.at = supervision::state::sick;
  newer.number = 2;
  links->board->put(newer);
  EXPECT_EQ(state_of("x"), "sick");
  newer.at = supervision::state::running;
  newer.number = 1;
  tell(uut, atom::status_v, std::string{"x#0"}, newer);
  EXPECT_EQ(state_of("x"), "sick");
}

TEST_F(status_board_test, ignores_who_is_no_more) {
  status_board board{"n1"};
  supervision::status x;
  x.who = {"x", 0, false};
  std::string text;
  board.put(x);
  EXPECT_FALSE(board.tell("x", now(), {text, protocol::resp3}));
  board.add(x);
  EXPECT_TRUE(board.tell("x", now(), {text, protocol::resp3}));
  board.remove("x", 1);
  board.remove("y", 0);
  EXPECT_TRUE(board.tell("x", now(), {text, protocol::resp3}));
  board.remove("x", 0);
  board.put(x);
  EXPECT_FALSE(board.tell("x", now(), {text, protocol::resp3}));
}

TEST_F(status_board_test, shows_figures_as_long_as_they_are_fresh) {
  status_board board{"n1"};
  supervision::status x;
  x.who = {"x", 0, false};
  x.pid = 300;
  board.add(x);
  auto shows = [&](std::string_view what) {
    std::string text;
    return board.tell("x", now(), {text, protocol::resp3})
           && text.find(what) != std::string::npos;
  };
  EXPECT_FALSE(shows("")) << "nobody has looked yet";
  auto usage = std::make_shared<process::usage_table>();
  (*usage)[301].rss = 4711;
  board.costs(usage, now().steady + 1s);
  EXPECT_FALSE(shows("")) << "they are of another process";
  usage = std::make_shared<process::usage_table>();
  (*usage)[300].rss = 4711;
  board.costs(usage, now().steady + 1s);
  EXPECT_TRUE(shows(":4711\r\n"));
  advance(1s);
  EXPECT_FALSE(shows(""));
  board.costs(nullptr, supervision::time_point::max());
  EXPECT_TRUE(shows("$3\r\nrss\r\n_\r\n"));
}

} // namespace
} // namespace saker
