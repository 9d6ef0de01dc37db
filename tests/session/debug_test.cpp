// DEBUG, in the words of redis-server 7.0.15.
#include "session/slow_log.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <array>

namespace saker::session {
namespace {

using namespace std::chrono_literals;
using test::world;

std::string debug(std::string_view words, bool resp3 = false) {
  world x;
  if (resp3)
    x.feed("HELLO 3\r\n");
  return x.feed("DEBUG " + std::string{words} + "\r\n");
}

TEST(debug_test, replies_each_type_in_both_protocols) {
  const std::array<std::string_view, 3> rows[]{
    {"string", "$11\r\nHello World\r\n", "$11\r\nHello World\r\n"},
    {"integer", ":12345\r\n", ":12345\r\n"},
    {"double", "$5\r\n3.141\r\n", ",3.141\r\n"},
    {"bignum", "$37\r\n1234567999999999999999999999999999999\r\n",
     "(1234567999999999999999999999999999999\r\n"},
    {"null", "$-1\r\n", "_\r\n"},
    {"array", "*3\r\n:0\r\n:1\r\n:2\r\n", "*3\r\n:0\r\n:1\r\n:2\r\n"},
    {"set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"},
    {"map", "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
     "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"},
    {"attrib", "$39\r\nSome real reply following the attribute\r\n",
     "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
     "$39\r\nSome real reply following the attribute\r\n"},
    {"push", "-ERR RESP2 is not supported by this command\r\n",
     ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n"
     "$40\r\nSome real reply following the push reply\r\n"},
    {"verbatim", "$25\r\nThis is a verbatim\nstring\r\n",
     "=29\r\ntxt:This is a verbatim\nstring\r\n"},
    {"true", ":1\r\n", "#t\r\n"},
    {"FALSE", ":0\r\n", "#f\r\n"},
  };
  for (auto [type, resp2, resp3] : rows) {
    EXPECT_EQ(debug("PROTOCOL " + std::string{type}), resp2) << type;
    EXPECT_EQ(debug("protocol " + std::string{type}, true), resp3) << type;
  }
  EXPECT_EQ(debug("PROTOCOL foo"),
            "-ERR Wrong protocol type name. Please use one of the following: "
            "string|integer|double|bignum|null|array|set|map|attrib|push|"
            "verbatim|true|false\r\n");
}

TEST(debug_test, takes_the_switches_of_test_harnesses) {
  for (auto words :
       {"SET-ACTIVE-EXPIRE 0", "PAUSE-CRON 1", "CHANGE-REPL-ID", "RELOAD",
        "QUICKLIST-PACKED-THRESHOLD 100", "REPLYBUFFER RESIZING 1"})
    EXPECT_EQ(debug(words), "+OK\r\n") << words;
  EXPECT_EQ(debug("ERROR 'WRONG x'"), "-WRONG x\r\n");
  EXPECT_EQ(debug("ERROR \"a\\r\\n+OK\""), "-a  +OK\r\n");
  EXPECT_EQ(debug("OBJECT k"), "-ERR no such key\r\n");
  EXPECT_EQ(debug("DIGEST-VALUE a b").substr(0, 46),
            "*2\r\n+" + std::string(40, '0') + "\r");
}

TEST(debug_test, refuses_the_rest) {
  for (auto word : {"FOO", "SEGFAULT", "SLEEP", "LOG", "PROTOCOL", "JMAP",
                    "SET-ACTIVE-EXPIRE"})
    EXPECT_EQ(debug(word),
              "-ERR unknown subcommand or wrong number of arguments for '"
                + std::string{word} + "'. Try DEBUG HELP.\r\n");
  world guest{test::default_settings(), test::stranger_peer()};
  EXPECT_TRUE(guest.feed("DEBUG SLEEP 1\r\n").starts_with("-NOPERM "));
}

TEST(debug_test, gives_its_log_line_to_who_can_write_it) {
  world x;
  x.answers = false;
  x.feed("DEBUG LOG 'a b'\r\n");
  auto asked = x.take<request>();
  EXPECT_EQ(asked.target, resp::target::gateway);
  EXPECT_EQ(asked.args, (std::vector<std::string>{"DEBUG", "LOG", "a b"}));
}

TEST(debug_test, sleeps_alone_and_runs_nothing_meanwhile) {
  world x;
  x.answers = false;
  EXPECT_EQ(x.feed("PING\r\nDEBUG SLEEP 0.25\r\nCLIENT SETNAME a\r\n"
                   "CLIENT GETNAME\r\n"),
            "+PONG\r\n");
  EXPECT_EQ(x.uut.name(), "");
  auto timer = x.take<wait>();
  EXPECT_EQ(timer.delay, 250ms);
  x.uut.answer(timer.id, {});
  EXPECT_EQ(x.carry_on(), "+OK\r\n+OK\r\n$1\r\na\r\n");
}

TEST(debug_test, sleeps_within_a_transaction) {
  world x;
  x.answers = false;
  EXPECT_EQ(x.feed("MULTI\r\nDEBUG SLEEP 1\r\nECHO a\r\nEXEC\r\nPING\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n");
  x.uut.answer(x.take<wait>().id, {});
  EXPECT_EQ(x.carry_on(), "*2\r\n+OK\r\n$1\r\na\r\n+PONG\r\n");
}

TEST(debug_test, sleeps_as_long_as_makes_sense) {
  for (auto [text, most] :
       {std::pair{"-1", 0ms}, std::pair{"abc", 0ms}, std::pair{"nan", 0ms},
        std::pair{"1e99", 86'400'000ms}, std::pair{"inf", 86'400'000ms}}) {
    world x;
    x.answers = false;
    x.feed("DEBUG SLEEP " + std::string{text} + "\r\n");
    EXPECT_EQ(x.take<wait>().delay, most) << text;
  }
}

TEST(debug_test, counts_its_sleep_as_work_as_tests_of_the_slow_log_expect) {
  auto config = test::default_settings();
  config.slow = std::make_shared<slow_log>(100ms, 10);
  world x{config};
  x.feed("DEBUG SLEEP 0.05\r\nDEBUG SLEEP 0.2\r\n");
  auto all = config.slow->newest();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].took, 200ms);
  EXPECT_EQ(all[0].words, (std::vector<std::string>{"DEBUG", "SLEEP", "0.2"}));
}

} // namespace
} // namespace saker::session
