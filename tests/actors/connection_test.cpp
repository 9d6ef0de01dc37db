#include "tests/support/connection_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using connection_test = test::connection_world;

TEST_F(connection_test, says_who_speaks_tls_to_a_plain_address) {
  std::vector<std::string> lines;
  links->refusals = std::make_shared<refusal_log>(
    [&lines](const std::string& text) { lines.push_back(text); });
  auto x = connect();
  auto reply = say(x, std::string_view{"\x16\x03\x01\x00\x05", 5});
  EXPECT_EQ(reply.substr(0, 44),
            "-ERR Protocol error: this port speaks no TLS");
  EXPECT_TRUE(x.wire->finished());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("client 127.0.0.1:4711 speaks TLS on"),
            std::string::npos);
}

TEST_F(connection_test, answers_what_it_can_answer_itself) {
  auto x = connect();
  EXPECT_EQ(say(x, "PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"),
            "+PONG\r\n$2\r\nhi\r\n");
}

TEST_F(connection_test, writes_the_replies_of_one_read_at_once) {
  auto x = connect();
  std::string pings;
  std::string pongs;
  for (int i = 0; i < 100; ++i) {
    pings += "PING\r\n";
    pongs += "+PONG\r\n";
  }
  x.wire->writes();
  EXPECT_EQ(say(x, pings), pongs);
  EXPECT_EQ(x.wire->writes(), 1u);
}

TEST_F(connection_test, writes_what_was_published_together_at_once) {
  auto to = connect();
  auto other = connect();
  auto from = connect();
  say(to, "SUBSCRIBE news\r\n");
  say(other, "PSUBSCRIBE n*\r\n");
  for (auto* x : {&to, &other, &from})
    x->wire->writes();
  std::string bytes;
  for (int i = 0; i < 50; ++i)
    bytes += "PUBLISH news x\r\n";
  auto replies = say(from, bytes);
  EXPECT_EQ(replies.size(), 50 * std::string{":2\r\n"}.size());
  EXPECT_EQ(from.wire->writes(), 1u);
  EXPECT_EQ(to.wire->writes(), 1u);
  EXPECT_EQ(other.wire->writes(), 1u);
  EXPECT_GT(to.wire->received().size(), 50u * 20);
}

TEST_F(connection_test, ends_with_its_input_while_it_only_waits) {
  auto x = connect();
  say(x, "SVWAIT web running 86400000\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  x.wire->hang_up();
  settle();
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(roster->withdrawn, std::vector<std::uint64_t>{last_id});
}

TEST_F(connection_test, answers_what_was_asked_before_the_end_of_input) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up();
  settle();
  EXPECT_FALSE(x.wire->is_closed());
  answer(0, resp::value{"late"});
  EXPECT_EQ(x.wire->received(), "$4\r\nlate\r\n");
  EXPECT_EQ(roster->withdrawn, std::vector<std::uint64_t>{});
}

TEST_F(connection_test, does_not_wait_for_answers_for_ever) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up();
  settle();
  advance(std::chrono::seconds{5});
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, counts_commands_for_info) {
  auto x = connect();
  auto y = connect();
  say(x, "PING\r\nPING\r\nnosuch\r\n");
  say(y, "PING\r\n");
  EXPECT_EQ(figures.commands.get(), 3);
}

TEST_F(connection_test, keeps_replies_in_the_order_of_the_commands) {
  auto x = connect();
  EXPECT_EQ(say(x, "SVSTATUS\r\nPING\r\nSVSTATUS\r\n"), "");
  ASSERT_EQ(roster->open.size(), 2u);
  answer(1, resp::value{"second"});
  EXPECT_EQ(x.wire->received(), "");
  answer(0, resp::value{"first"});
  EXPECT_EQ(x.wire->received(), "$5\r\nfirst\r\n+PONG\r\n$6\r\nsecond\r\n");
}

TEST_F(connection_test, says_who_asks) {
  auto x = connect();
  say(x, "SVSTOP web\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  EXPECT_EQ(roster->open[0].first.from, "default@127.0.0.1:4711");
  EXPECT_EQ(roster->open[0].first.what.args,
            (std::vector<std::string>{"SVSTOP", "web"}));
  answer(0, resp::ok());
}

TEST_F(connection_test, says_who_asks_over_the_unix_socket) {
  unix_user = "root";
  auto x = connect();
  say(x, "SVSTOP web\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  EXPECT_EQ(roster->open[0].first.from, "root@unix");
  answer(0, resp::ok());
}

TEST_F(connection_test, lets_a_stranger_look_but_not_control) {
  auto x = connect(session::peer_kind::stranger);
  EXPECT_EQ(say(x, "SVSTOP web\r\n").substr(0, 7), "-NOPERM");
  EXPECT_TRUE(roster->open.empty());
  say(x, "SVSTATUS\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  answer(0, resp::ok());
}

TEST_F(connection_test, delivers_messages_to_those_who_subscribed) {
  auto x = connect();
  auto y = connect();
  EXPECT_EQ(say(x, "SUBSCRIBE news\r\n"),
            "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  EXPECT_EQ(say(y, "PUBLISH news hello\r\nPUBLISH other x\r\n"),
            ":1\r\n:0\r\n");
  EXPECT_EQ(x.wire->received(),
            "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
}

TEST_F(connection_test, hears_itself_after_the_count) {
  auto x = connect();
  say(x, "HELLO 3\r\n");
  say(x, "SUBSCRIBE a\r\n");
  EXPECT_EQ(say(x, "PUBLISH a 1\r\n"),
            ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n");
}

TEST_F(connection_test, gets_nothing_after_the_end_of_a_subscription) {
  auto x = connect();
  auto y = connect();
  say(x, "SUBSCRIBE a\r\n");
  say(y, "PUBLISH a 1\r\n");
  x.wire->send("UNSUBSCRIBE a\r\n");
  y.wire->send("PUBLISH a 2\r\n");
  settle();
  EXPECT_EQ(x.wire->received(),
            "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n"
            "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
  EXPECT_EQ(y.wire->received(), ":0\r\n");
}

TEST_F(connection_test, answers_all_before_it_closes_at_the_end_of_input) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up();
  settle();
  EXPECT_FALSE(x.wire->finished());
  ASSERT_EQ(roster->open.size(), 1u);
  answer(0, resp::value{7});
  EXPECT_EQ(x.wire->received(), ":7\r\n");
  EXPECT_TRUE(x.wire->finished());
}

TEST_F(connection_test, ends_at_once_when_the_socket_fails) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up("Connection reset by peer");
  settle();
  EXPECT_TRUE(x.wire->is_closed());
  answer(0, resp::ok());
}

TEST_F(connection_test, closes_after_the_last_reply_of_quit) {
  auto x = connect();
  EXPECT_EQ(say(x, "QUIT\r\nPING\r\n"), "+OK\r\n");
  EXPECT_TRUE(x.wire->finished());
}

TEST_F(connection_test, tells_when_nobody_carries_a_command_out) {
  links->librarian = nullptr;
  auto x = connect();
  EXPECT_EQ(say(x, "TASKS\r\n").substr(0, 11), "-ERR nobody");
}

TEST_F(connection_test, describes_itself_for_client_list) {
  auto x = connect();
  say(x, "CLIENT SETNAME amy\r\nSUBSCRIBE a b\r\n");
  auto row = ask<session::client_figures>(x.actor, atom::describe_v);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->name, "amy");
  EXPECT_EQ(row->channels, 2u);
  EXPECT_EQ(row->id, 1u);
}

} // namespace
} // namespace saker
