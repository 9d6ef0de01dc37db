#include "tests/support/connection_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using connection_test = test::connection_world;

TEST_F(connection_test, cuts_off_a_subscriber_that_does_not_read) {
  auto x = connect();
  auto y = connect();
  say(x, "SUBSCRIBE a\r\n");
  x.wire->accept_at_most(0);
  auto message = "PUBLISH a " + std::string(10'000, 'x') + "\r\n";
  for (auto i = 0; i < 12; ++i)
    say(y, message);
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(figures.cut_off.get(), 1);
  EXPECT_EQ(figures.unsent_bytes.get(), 0);
  EXPECT_EQ(say(y, "PUBLISH a x\r\n"), ":0\r\n");
}

TEST_F(connection_test, shows_commands_of_others_to_who_monitors) {
  auto x = connect();
  auto y = connect();
  say(y, "PING\r\n");
  EXPECT_EQ(say(x, "MONITOR\r\n"), "+OK\r\n");
  EXPECT_TRUE(*monitored);
  say(y, "ECHO hi\r\nSVSTATUS web\r\n");
  auto lines = x.wire->received();
  EXPECT_NE(lines.find("[0 127.0.0.1:4711] \"ECHO\" \"hi\"\r\n+"), lines.npos);
  EXPECT_TRUE(lines.ends_with("\"SVSTATUS\" \"web\"\r\n")) << lines;
  EXPECT_EQ(say(x, "RESET\r\n"), "+RESET\r\n");
  EXPECT_FALSE(*monitored);
  say(y, "ECHO hi\r\n");
  EXPECT_EQ(x.wire->received(), "");
  answer(0, resp::ok());
}

TEST_F(connection_test, cuts_off_a_monitor_that_does_not_read) {
  auto x = connect();
  auto y = connect();
  say(x, "MONITOR\r\n");
  x.wire->accept_at_most(0);
  for (auto i = 0; i < 12; ++i)
    say(y, "ECHO " + std::string(10'000, 'x') + "\r\n");
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(figures.cut_off.get(), 1);
  EXPECT_FALSE(*monitored) << "and nobody pays for it any more";
}

TEST_F(connection_test, stops_reading_commands_while_replies_wait) {
  settings->reply_pause = 1'000;
  auto x = connect();
  x.wire->accept_at_most(0);
  std::string commands;
  for (auto i = 0; i < 200; ++i)
    commands += "ECHO 0123456789\r\n";
  say(x, commands);
  EXPECT_FALSE(x.wire->is_reading());
  x.wire->accept_at_most(SIZE_MAX);
  std::string all;
  for (auto more = x.wire->received(); !more.empty();
       more = x.wire->received()) {
    all += more;
    settle();
  }
  EXPECT_EQ(all.size(), 200 * std::string{"$10\r\n0123456789\r\n"}.size());
  EXPECT_TRUE(x.wire->is_reading());
}

TEST_F(connection_test, cuts_off_a_client_that_takes_nothing_for_a_minute) {
  auto x = connect();
  x.wire->accept_at_most(0);
  std::string commands;
  for (auto i = 0; i < 100; ++i)
    commands += "ECHO " + std::string(1'000, 'x') + "\r\n";
  say(x, commands);
  advance(59s);
  EXPECT_FALSE(x.wire->is_closed());
  advance(3s);
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, takes_what_tls_adds_for_no_progress) {
  auto x = connect();
  say(x, "SUBSCRIBE c\r\n");
  x.wire->accept_at_most(0);
  x.wire->make_larger(29);
  auto y = connect();
  say(y, "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$70000\r\n"
           + std::string(70'000, 'x') + "\r\n");
  for (auto i = 0; i < 62; ++i) {
    say(y, "PUBLISH c x\r\n");
    advance(1s);
  }
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, cuts_those_off_at_once_who_leave_too_many_replies) {
  links->live->limits.output_normal = {100'000, 0, 0s};
  auto x = connect();
  x.wire->accept_at_most(0);
  auto text = std::string(150'000, 'x');
  say(x, "PING\r\n");
  EXPECT_FALSE(x.wire->is_closed());
  say(x, "*2\r\n$4\r\nECHO\r\n$150000\r\n" + text + "\r\n");
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(figures.cut_off.get(), 1);
}

} // namespace
} // namespace saker
