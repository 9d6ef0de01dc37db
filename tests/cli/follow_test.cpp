#include "cli/follow.hpp"

#include "tests/cli/verb_test.hpp"

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class events_test : public verb_test {
protected:
  events_test() {
    asked.what = verb::events;
    expect_events();
  }

  const std::string payload
    = R"({"ts":5,"service":"web","event":"exit","cause":"SIGKILL"})";
};

TEST_F(events_test, prints_a_line_for_each) {
  server.push_later(1h, event(payload));
  server.push_later(1h, event("{}"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "5 web exit SIGKILL\nsaker:n:web:exit {}\n");
  EXPECT_EQ(err.str(), "saker: events: connect unix:/x: Connection refused\n");
}

TEST_F(events_test, json_is_what_was_published) {
  asked.json = true;
  server.push_later(0ms, event(payload));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), payload + "\n");
}

TEST_F(events_test, says_where_there_may_be_a_gap) {
  server.push_later(0ms, event(payload));
  server.close_after(1s);
  server.expect_hello();
  expect_events();
  server.push_later(2s, event("{}"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "5 web exit SIGKILL\nsaker:n:web:exit {}\n");
  EXPECT_TRUE(err.str().starts_with(
    "saker: events: the node has started again; what happened in between is "
    "not shown\n"));
}

// -- logs --------------------------------------------------------------------------

class logs_test : public verb_test {
protected:
  logs_test() {
    asked.what = verb::logs;
    asked.names = {"web"};
  }

  void expect_lines(const std::string& name, const texts& lines) {
    resp::array all;
    for (auto& x : lines)
      all.items.emplace_back(x);
    server.expect({"SVLOG", name, "COUNT", "20"}, all);
  }

  static resp::value line(const std::string& name, std::string text) {
    return resp::push{{"message", "log:n:" + name, std::move(text)}};
  }
};

TEST_F(logs_test, prints_the_last_lines) {
  expect_status({"web"}, {row("web")});
  expect_lines("web", {"one", "two"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "one\ntwo\n");
}

TEST_F(logs_test, says_who_wrote_if_there_are_several) {
  expect_status({"web"}, {row("web:0"), row("api")});
  expect_lines("api", {"one"});
  expect_lines("web:0", {"two"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "api   | one\nweb:0 | two\n");
}

TEST_F(logs_test, a_terminal_is_not_obeyed_a_pipe_gets_the_bytes) {
  expect_status({"web"}, {row("web")});
  expect_lines("web", {"\x1b[31m"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "\x1b[31m\n");
  out.str("");
  look = {true, false, 80, 24};
  expect_status({"web"}, {row("web")});
  expect_lines("web", {"\x1b[31m", "\ta\tb\t", ""});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "\\x1b[31m\n\ta\tb\t\n\n");
}

TEST_F(logs_test, goes_on_with_what_is_written) {
  asked.follow = true;
  expect_status({"web"}, {row("web")});
  server.expect_all({"SUBSCRIBE", "log:n:web"},
                    {resp::push{{"subscribe", "log:n:web", 1}}});
  expect_lines("web", {"one"});
  server.push_later(1h, line("web", "two"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "one\ntwo\n");
}

TEST_F(logs_test, shows_a_line_once_that_is_both_read_and_received) {
  asked.follow = true;
  expect_status({"web"}, {row("web")});
  server.expect_all({"SUBSCRIBE", "log:n:web"},
                    {resp::push{{"subscribe", "log:n:web", 1}},
                     line("web", "two"), line("web", "three")});
  expect_lines("web", {"one", "two"});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "one\ntwo\nthree\n");
}

TEST_F(logs_test, tells_where_the_output_is_if_the_server_cannot_show_it) {
  expect_status({"web"}, {row("web", "failed")},
                "NAME  STATE\nweb\n  log  /x/web.log\n");
  server.expect({"SVLOG", "web", "COUNT", "20"}, unknown("SVLOG"));
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(
    err.str().starts_with("saker: logs web: this Saker has no SVLOG"));
  EXPECT_TRUE(err.str().ends_with("; its output is in /x/web.log\n"));
}

TEST_F(logs_test, otherwise_it_tells_where_output_usually_is) {
  expect_status({"web"}, {row("web")});
  server.expect({"SVLOG", "web", "COUNT", "20"}, unknown("SVLOG"));
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().ends_with("; unless its definition says otherwise its "
                                  "output is in log/web.log of the state "
                                  "directory\n"));
}

TEST(follow_test, lines_that_overlap_are_dropped) {
  EXPECT_EQ(without_overlap({"a", "b"}, {"b", "c"}), texts{"c"});
  EXPECT_EQ(without_overlap({"a", "b"}, {"a", "b", "c"}), texts{"c"});
  EXPECT_EQ(without_overlap({"a", "b"}, {"c"}), texts{"c"});
  EXPECT_EQ(without_overlap({}, {"c"}), texts{"c"});
  EXPECT_EQ(without_overlap({"a"}, {}), texts{});
  EXPECT_EQ(without_overlap({"a", "a"}, {"a", "a", "a"}), texts{"a"});
  EXPECT_EQ(without_overlap({"x", "a", "b"}, {"a", "b"}), texts{});
}

} // namespace
} // namespace saker::cli
