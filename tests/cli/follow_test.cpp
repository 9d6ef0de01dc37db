#include "cli/follow.hpp"

#include "tests/cli/verb_test.hpp"

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class events_test : public verb_test {
protected:
  /// What the node that answers is called, which JSON need not know.
  void expect_start() {
    if (!asked.json)
      server.expect({"NODES"}, resp::array{{resp::map{}.add("name", "n"),
                                            resp::map{}.add("name", "n2")}});
    expect_events();
  }

  events_test() {
    asked.what = verb::events;
  }

  const std::string payload
    = R"({"ts":5,"service":"web","event":"exit","cause":"SIGKILL"})";
};

TEST_F(events_test, prints_a_line_for_each) {
  expect_start();
  server.push_later(1h, event(payload));
  server.push_later(1h, event("{}"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "5 web exit SIGKILL\nsaker:n:web:exit {}\n");
  EXPECT_EQ(err.str(), "saker: events: connect unix:/x: Connection refused\n");
}

TEST_F(events_test, json_is_what_was_published) {
  asked.json = true;
  expect_start();
  server.push_later(0ms, event(payload));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), payload + "\n");
}

TEST_F(events_test, tells_those_of_other_nodes_apart) {
  expect_start();
  for (auto node : {"n", "n2"})
    server.push_later(0ms, event(R"({"service":"web","event":"exit","node":")"
                                 + std::string{node} + "\"}"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "web exit\nweb@n2 exit\n");
}

TEST_F(events_test, goes_on_with_a_server_that_does_not_tell_its_name) {
  server.expect({"NODES"}, unknown("NODES"));
  expect_events();
  server.push_later(0ms,
                    event(R"({"service":"web","event":"exit","node":"n2"})"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "web exit\n");
}

TEST_F(events_test, says_where_there_may_be_a_gap) {
  expect_start();
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

// -- of other nodes -----------------------------------------------------------

class far_logs_test : public logs_test {
protected:
  void expect_nodes() {
    server.expect({"NODES"}, resp::array{{resp::map{}.add("name", "n"),
                                          resp::map{}.add("name", "n2")}});
  }

  static resp::value row_on(const std::string& node) {
    auto x = row("web");
    for (auto& entry : x.entries)
      if (entry.key.text() == "node")
        entry.item = resp::value{node};
    return x;
  }

  /// By whose answer one knows that the other node knows of us.
  void expect_question(const std::string& name) {
    server.expect({"SVLOG", name, "COUNT", "1"}, resp::array{{"one"}});
  }

  static resp::value lost_row() {
    return resp::map{}
      .add("name", "*")
      .add("node", "n3")
      .add("state", "lost")
      .add("reason", "node \"n3\" is dead");
  }
};

TEST_F(far_logs_test, asks_the_node_that_was_named) {
  asked.names = {"web@n2"};
  expect_status({"web@n2"}, {row_on("n2")});
  expect_nodes();
  expect_lines("web@n2", {"far"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "far\n");
}

TEST_F(far_logs_test, tells_one_name_on_two_nodes_apart) {
  asked.names = {"web@*"};
  expect_status({"web@*"}, {row_on("n"), row_on("n2")});
  expect_nodes();
  expect_lines("web@n2", {"far"});
  expect_lines("web", {"near"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "web@n2 | far\nweb    | near\n");
}

TEST_F(far_logs_test, says_whose_lines_are_missing) {
  asked.names = {"web@*"};
  expect_status({"web@*"}, {row_on("n"), lost_row()});
  expect_nodes();
  expect_lines("web", {"near"});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(), "near\n");
  EXPECT_NE(err.str().find("what is on node \"n3\" cannot be shown"),
            std::string::npos)
    << err.str();
}

TEST_F(far_logs_test, follows_services_of_other_nodes) {
  asked.names = {"web@*"};
  asked.follow = true;
  expect_status({"web@*"}, {row_on("n"), row_on("n2")});
  expect_nodes();
  server.expect_all({"SUBSCRIBE", "log:n2:web", "log:n:web"},
                    {resp::push{{"subscribe", "log:n2:web", 1}},
                     resp::push{{"subscribe", "log:n:web", 2}}});
  expect_question("web@n2");
  expect_lines("web@n2", {"far"});
  expect_lines("web", {"near"});
  server.push_later(1h, line("web", "more"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "web@n2 | far\nweb    | near\nweb    | more\n");
}

TEST_F(far_logs_test, shows_what_came_before_the_other_node_knew_of_us) {
  asked.names = {"web@n2"};
  asked.follow = true;
  expect_status({"web@n2"}, {row_on("n2")});
  expect_nodes();
  server.expect_all({"SUBSCRIBE", "log:n2:web"},
                    {resp::push{{"subscribe", "log:n2:web", 1}}});
  // "two" is written before it knows, "three" afterwards.
  expect_question("web@n2");
  auto three = resp::push{{"message", "log:n2:web", "three"}};
  server.expect_all({"SVLOG", "web@n2", "COUNT", "20"},
                    {three, resp::array{{"one", "two", "three"}}});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "one\ntwo\nthree\n");
}

TEST_F(far_logs_test, follows_its_own_node_by_name) {
  asked.names = {"web@n"};
  asked.follow = true;
  expect_status({"web@n"}, {row_on("n")});
  expect_nodes();
  server.expect_all({"SUBSCRIBE", "log:n:web"},
                    {resp::push{{"subscribe", "log:n:web", 1}}});
  expect_lines("web", {"one"});
  server.push_later(1h, line("web", "two"));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "one\ntwo\n");
}

TEST_F(far_logs_test, looks_for_the_path_at_the_right_node) {
  asked.names = {"web@*"};
  expect_status({"web@*"}, {row_on("n2"), row_on("n")},
                "node n\nNAME  STATE\nweb   failed\n  log  /near/web.log\n"
                "node n2\nNAME  STATE\nweb   failed\n  log  /far/web.log\n");
  expect_nodes();
  server.expect({"SVLOG", "web@n2", "COUNT", "20"}, unknown("SVLOG"));
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().ends_with("; its output is in /far/web.log\n"))
    << err.str();
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
