#include "cli/event_line.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

std::string line(std::string_view payload, bool colour = false) {
  return event_line(
    "saker:n:web:0:exit", payload,
    [](std::int64_t ms) { return "<" + std::to_string(ms) + ">"; }, colour);
}

TEST(event_line_test, says_when_who_what_and_why) {
  EXPECT_EQ(line(R"({"ts":5,"service":"web:0","event":"exit",)"
                 R"("cause":"SIGKILL","core":false,"pid":4711,"uptime":4000,)"
                 R"("restarts":1,"next_at":null,"row":null})"),
            "<5> web:0 exit SIGKILL, pid 4711, up 4s");
}

TEST(event_line_test, says_what_is_next) {
  EXPECT_EQ(line(R"({"ts":5,"service":"a","event":"backoff","cause":"exit 1",)"
                 R"("core":true,"pid":0,"uptime":null,"next_at":99,)"
                 R"("reason":"exit 1 after 3ms"})"),
            "<5> a backoff exit 1 after 3ms, core dumped, restart at <99>");
}

TEST(event_line_test, says_nothing_twice) {
  EXPECT_EQ(line(R"({"ts":5,"service":"a","event":"exit","cause":"SIGKILL",)"
                 R"("pid":7,"uptime":15000,"reason":"SIGKILL after 15s"})"),
            "<5> a exit SIGKILL after 15s, pid 7");
  EXPECT_EQ(line(R"({"ts":5,"service":"a","event":"failed","cause":"exit 0",)"
                 R"("reason":"daemonised"})"),
            "<5> a failed exit 0, daemonised");
}

TEST(event_line_test, calls_a_limit_a_limit) {
  auto at = [](const std::string& fields) {
    return line(R"({"service":"a","event":"x","next_at":9,)" + fields + "}");
  };
  EXPECT_EQ(at(R"("to":"starting","next":"start timeout")"),
            "a x start limit at <9>");
  EXPECT_EQ(at(R"("to":"stopping","next":"SIGKILL")"), "a x SIGKILL at <9>");
  EXPECT_EQ(at(R"("to":"backoff","next":"restart")"), "a x restart at <9>");
  // Of a Saker that does not say what is next.
  EXPECT_EQ(at(R"("to":"starting")"), "a x start limit at <9>");
  EXPECT_EQ(at(R"("to":"backoff")"), "a x restart at <9>");
}

TEST(event_line_test, long_times_have_no_milliseconds) {
  EXPECT_EQ(line(R"({"ts":5,"service":"a","event":"x","uptime":61234})"),
            "<5> a x up 1m1s");
  EXPECT_EQ(line(R"({"ts":5,"service":"a","event":"x","uptime":12345})"),
            "<5> a x up 12s");
  EXPECT_EQ(line(R"({"ts":5,"service":"a","event":"x","uptime":1234})"),
            "<5> a x up 1s234ms");
}

TEST(event_line_test, an_event_that_says_little_is_short) {
  EXPECT_EQ(line(R"({"service":"a","event":"starting","cause":null})"),
            "a starting");
}

TEST(event_line_test, says_where_if_it_is_not_here) {
  auto from = [](std::string_view own) {
    return event_line(
      "saker:n2:web:0:exit", R"({"service":"web:0","node":"n2","event":"x"})",
      [](std::int64_t) { return std::string{}; }, false, own);
  };
  EXPECT_EQ(from("n1"), "web:0@n2 x");
  EXPECT_EQ(from("n2"), "web:0 x");
  EXPECT_EQ(from(""), "web:0 x");
}

TEST(event_line_test, colours_the_event_only) {
  EXPECT_EQ(line(R"({"service":"a","event":"failed"})", true),
            "a \x1b[1;31mfailed\x1b[0m");
  EXPECT_EQ(line(R"({"service":"a","event":"running"})", true),
            "a \x1b[32mrunning\x1b[0m");
  EXPECT_EQ(line(R"({"service":"a","event":"exit"})", true),
            "a \x1b[33mexit\x1b[0m");
}

TEST(event_line_test, what_is_no_event_is_shown_as_it_is) {
  for (auto payload : {"", "hello", "[1]", "7", "{\"service\":\"a\"}",
                       "{\"service\":1,\"event\":2}"})
    EXPECT_EQ(line(payload), "saker:n:web:0:exit " + std::string{payload});
}

TEST(event_line_test, a_payload_cannot_colour_the_terminal) {
  EXPECT_EQ(line("\x1b[31m"), "saker:n:web:0:exit \\x1b[31m");
  EXPECT_EQ(
    line(R"({"service":"a\u001b","event":"x\u001b","reason":"\u001b"})"),
    "a\\x1b x\\x1b \\x1b");
}

} // namespace
} // namespace saker::cli
