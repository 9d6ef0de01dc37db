#include "cli/status.hpp"

#include "tests/cli/verb_test.hpp"

namespace saker::cli {
namespace {

class status_test : public verb_test {};

TEST_F(status_test, prints_the_table) {
  asked.names = {"web*"};
  expect_status({"web*"}, {row("web:0"), row("web:1")});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(
    out.str(),
    "NAME   STATE    READY  SINCE     PID  RST 1h/all  LAST EXIT  NEXT  "
    "CPU  MEM  NODE\n"
    "web:0  running  yes    00:00:01  7    0/0         -          -     "
    "-    -    n\n"
    "web:1  running  yes    00:00:01  7    0/0         -          -     "
    "-    -    n\n");
  EXPECT_EQ(err.str(), "");
}

TEST_F(status_test, what_is_not_as_wanted_is_status_1) {
  expect_status({}, {row("web"), row("bad", "failed")},
                "NAME  STATE\nbad\n  out  no data base\n");
  EXPECT_EQ(run(), 1);
  EXPECT_NE(out.str().find("\n  out  no data base\n"), std::string::npos);
}

TEST_F(status_test, a_terminal_is_not_overfilled) {
  look = {true, true, 30, 24};
  expect_status({}, {row("web").add("next", "restart in 12s")});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "\x1b[1mNAME\x1b[0m  \x1b[1mSTATE\x1b[0m    "
                       "\x1b[1mNEXT\x1b[0m\n"
                       "web   \x1b[32mrunning\x1b[0m  restart in 12s\n");
}

TEST_F(status_test, asks_for_what_the_locale_shows) {
  look = {true, false, 80, 24, false};
  server.expect({"SVSTATUS"}, resp::array{{row("web")}});
  server.expect({"TIME"}, resp::array{{"101", "500000"}});
  server.expect({"SVSTATUS", "TEXT"}, resp::verbatim{"NAME  STATE\n"});
  EXPECT_EQ(run(), 0);
  EXPECT_NE(out.str().find("  0/0         -          -"), std::string::npos)
    << out.str();
  look.utf8 = true;
  expect_status({}, {row("web")});
  EXPECT_EQ(run(), 0);
  EXPECT_NE(out.str().find("  0/0         –          –"), std::string::npos)
    << out.str();
}

TEST_F(status_test, json_is_what_the_server_says) {
  asked.json = true;
  std::string text = R"([{"name":"a","state":"failed"}])";
  server.expect({"SVSTATUS", "JSON"}, text);
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(), text + "\n");
}

TEST_F(status_test, says_why_not) {
  asked.names = {"nope"};
  server.expect({"SVSTATUS", "nope"},
                resp::error{"NOSERVICE no service matches \"nope\""});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err.str(), "saker: status nope: no service matches \"nope\"\n");
}

TEST_F(status_test, asks_once_more_when_the_node_restarts) {
  server.expect_and_close({"SVSTATUS"});
  server.expect_hello();
  expect_status({}, {row("web")});
  EXPECT_EQ(run(), 0);
}

TEST_F(status_test, gives_up_when_nobody_comes_back) {
  server.expect_and_close({"SVSTATUS"});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(err.str(), "saker: status: connect unix:/x: Connection refused\n");
}

TEST_F(status_test, refuses_a_reply_without_sense) {
  server.expect({"SVSTATUS"}, resp::ok());
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err.str(), "saker: status: the reply to SVSTATUS is no array: "
                       "+OK\n");
}

// -- why ---------------------------------------------------------------------------

class why_test : public verb_test {
protected:
  why_test() {
    asked.what = verb::why;
    asked.names = {"web"};
  }

  /// Whom that name means.
  void means(const std::string& name, std::vector<resp::value> rows) {
    server.expect({"SVSTATUS", name}, resp::array{std::move(rows)});
  }
};

TEST_F(why_test, prints_what_the_server_explains) {
  asked.names = {"a", "b"};
  means("a", {row("a")});
  server.expect({"SVWHY", "a", "TEXT"}, resp::verbatim{"a: because\n"});
  means("b", {row("b:0")}); // one of one
  server.expect({"SVWHY", "b", "TEXT"}, resp::verbatim{"b: \x1b[31m\n"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "a: because\n\nb: \\x1b[31m\n");
}

TEST_F(why_test, says_what_the_status_knows_if_the_server_cannot) {
  means("web", {row("web")});
  server.expect({"SVWHY", "web", "TEXT"}, unknown("SVWHY"));
  expect_status({"web"}, {row("web")});
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(
    out.str().starts_with("web: running for 00:00:01, pid 7, ready\n"));
}

TEST_F(why_test, explains_each_of_several) {
  asked.names = {"w*"};
  means("w*", {row("web:0"), row("web:1")});
  server.expect({"SVWHY", "web:0", "TEXT"}, resp::verbatim{"web:0: a\n"});
  server.expect({"SVWHY", "web:1", "TEXT"}, resp::verbatim{"web:1: b\n"});
  EXPECT_EQ(run(), 0) << err.str();
  EXPECT_EQ(out.str(), "web:0: a\n\nweb:1: b\n");
}

TEST_F(why_test, explains_those_of_other_nodes) {
  asked.names = {"web@*"};
  means("web@*", {row("web"), row("web")});
  for (auto text : {"web: a\n", "web: b\n"})
    server.expect({"SVWHY", "web@n", "TEXT"}, resp::verbatim{text});
  EXPECT_EQ(run(), 0) << err.str();
  EXPECT_EQ(out.str(), "web: a\n\nweb: b\n");
}

TEST_F(why_test, names_its_own_verbs) {
  means("web", {row("web")});
  server.expect({"SVWHY", "web", "TEXT"},
                resp::verbatim{"SVSTART web starts it."
                               "\n"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "saker start web starts it.\n");
}

TEST_F(why_test, errors_are_errors) {
  means("web", {});
  server.expect({"SVWHY", "web", "TEXT"}, resp::error{"NOPERM no"});
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().starts_with("saker: why web: no; be somebody else"));
  server.expect({"SVSTATUS", "web"}, resp::error{"NOSERVICE none"});
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().ends_with("saker: why web: none\n")) << err.str();
}

// -- nodes -------------------------------------------------------------------------

class nodes_test : public verb_test {
protected:
  nodes_test() {
    asked.what = verb::nodes;
  }

  static resp::value node(std::string name, std::string state) {
    return resp::map{}
      .add("name", std::move(name))
      .add("address", "10.0.0.1:7")
      .add("state", std::move(state))
      .add("since", 100'000)
      .add("rtt", nullptr);
  }
};

TEST_F(nodes_test, prints_a_row_for_each) {
  server.expect({"NODES"}, resp::array{{node("a", "up"), node("b", "left")}});
  server.expect({"TIME"}, resp::array{{"101", "0"}});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "NAME  ADDRESS     STATE  SINCE     RTT\n"
                       "a     10.0.0.1:7  up     00:00:01  -\n"
                       "b     10.0.0.1:7  left   00:00:01  -\n");
}

TEST_F(nodes_test, prints_how_long_an_answer_takes) {
  server.expect({"NODES"}, resp::array{{resp::map{}
                                          .add("name", "a")
                                          .add("address", nullptr)
                                          .add("state", "up")
                                          .add("since", 100'000)
                                          .add("rtt", 1.25)}});
  server.expect({"TIME"}, resp::array{{"101", "0"}});
  EXPECT_EQ(run(), 0);
  EXPECT_NE(out.str().find("1.2ms"), std::string::npos) << out.str();
}

TEST_F(nodes_test, a_dead_one_is_status_1) {
  server.expect({"NODES"}, resp::array{{node("a", "dead")}});
  server.expect({"TIME"}, resp::array{{"101", "0"}});
  EXPECT_EQ(run(), 1);
}

TEST_F(nodes_test, says_that_there_is_no_cluster_yet) {
  server.expect({"NODES"}, unknown("NODES"));
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().starts_with("saker: nodes: this Saker has no NODES"));
}

} // namespace
} // namespace saker::cli
