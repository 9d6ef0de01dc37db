#include "session/slow_log.hpp"

#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace std::chrono_literals;

std::vector<std::string_view> many_words(std::size_t count) {
  return std::vector<std::string_view>(count, "w");
}

TEST(slow_log_test, cuts_words_as_redis_does) {
  EXPECT_EQ(shortened(many_words(32)).size(), 32u);
  auto cut = shortened(many_words(33));
  EXPECT_EQ(cut.size(), 32u);
  EXPECT_EQ(cut[30], "w");
  EXPECT_EQ(cut[31], "... (2 more arguments)");
  const std::string fits(128, 'x');
  const std::string longer(130, 'x');
  const std::vector<std::string_view> both{fits, longer};
  EXPECT_EQ(shortened(both),
            (std::vector<std::string>{fits, fits + "... (2 more bytes)"}));
}

TEST(slow_log_test, keeps_the_newest_and_goes_on_counting) {
  slow_log x{10ms, 2};
  for (auto word : {"a", "b", "c"})
    x.add(20ms, {word}, "127.0.0.1:1", "me");
  auto all = x.newest();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].words, std::vector<std::string>{"c"});
  EXPECT_EQ(all[0].id, 2);
  EXPECT_EQ(all[1].id, 1);
  EXPECT_EQ(all[0].took, 20ms);
  EXPECT_EQ(all[0].address, "127.0.0.1:1");
  EXPECT_EQ(all[0].client, "me");
  EXPECT_EQ(x.newest(1).size(), 1u);
  x.clear();
  EXPECT_EQ(x.size(), 0u);
  x.add(20ms, {"d"}, {}, {});
  EXPECT_EQ(x.newest().at(0).id, 3);
}

TEST(slow_log_test, takes_what_is_as_slow_as_the_limit) {
  slow_log x{10ms, 2};
  EXPECT_TRUE(x.is_slow(10ms));
  EXPECT_FALSE(x.is_slow(9'999us));
  x.set_slower_than(0us);
  EXPECT_TRUE(x.is_slow(0us));
  x.set_slower_than(-1us);
  EXPECT_FALSE(x.is_slow(1h));
  x.set_slower_than(0us);
  x.set_length(0);
  EXPECT_FALSE(x.is_slow(1h));
  x.set_length(1);
  for (auto large : {INT64_MAX, INT64_MAX / 1000 + 1}) {
    x.set_slower_than(std::chrono::microseconds{large});
    EXPECT_FALSE(x.is_slow(1h)) << large;
  }
}

TEST(slow_log_test, drops_at_once_what_is_too_much_by_a_shorter_length) {
  slow_log x{10ms, 3};
  for (auto word : {"a", "b", "c"})
    x.add(20ms, {word}, {}, {});
  x.set_length(2);
  EXPECT_EQ(x.size(), 2u);
  EXPECT_EQ(x.newest().back().words, std::vector<std::string>{"b"});
  x.set_length(0);
  EXPECT_EQ(x.size(), 0u);
}

// -- of a session ----------------------------------------------------------------

/// Each look at the clock takes a second of it.
class slowlog_test : public ::testing::Test {
protected:
  settings config(std::chrono::microseconds limit) {
    slow = std::make_shared<slow_log>(
      limit, 128,
      slow_log::clocks{[this] {
                         ++looks;
                         return now += 1s;
                       },
                       [] { return test::at(0).wall; }});
    auto x = test::default_settings();
    x.slow = slow;
    return x;
  }

  /// The words of all entries, the oldest first.
  std::vector<std::string> entries() const {
    std::vector<std::string> result;
    for (auto& x : slow->newest()) {
      std::string line;
      for (auto& word : x.words)
        line += (line.empty() ? "" : " ") + word;
      result.insert(result.begin(), line);
    }
    return result;
  }

  using list = std::vector<std::string>;

  std::shared_ptr<slow_log> slow;
  slow_log::time_point now;
  int looks = 0;
};

TEST_F(slowlog_test, measures_what_the_session_carries_out) {
  test::world x{config(0us)};
  x.feed("CLIENT SETNAME me\r\nPING\r\nECHO hi\r\nNOSUCH\r\nECHO\r\n");
  EXPECT_EQ(entries(), (list{"CLIENT SETNAME me", "PING", "ECHO hi"}));
  auto last = slow->newest().front();
  EXPECT_EQ(last.took, 1s);
  EXPECT_EQ(last.client, "me");
  EXPECT_EQ(last.address, "127.0.0.1:4711");
}

TEST_F(slowlog_test, looks_at_no_clock_for_fast_commands) {
  test::world x{config(10ms)};
  x.now.steady = now;
  x.feed("PING\r\nECHO x\r\nPUBLISH a b\r\nSELECT 1\r\n");
  EXPECT_EQ(looks, 0);
  x.feed("HELP\r\n");
  EXPECT_EQ(entries(), list{"HELP"});
}

TEST_F(slowlog_test, leaves_to_others_what_others_carry_out) {
  test::world x{config(0us)};
  x.feed("SVSTATUS\r\nPUBSUB NUMPAT\r\nPUBLISH a b\r\n");
  EXPECT_EQ(entries(), list{"PUBLISH a b"});
}

TEST_F(slowlog_test, cuts_what_is_large) {
  test::world x{config(0us)};
  std::string many = "COMMAND DOCS";
  for (auto i = 0; i < 50; ++i)
    many += " get";
  x.feed("ECHO " + std::string(10'000, 'x') + "\r\n" + many + "\r\n");
  auto all = slow->newest();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].words[1], std::string(128, 'x') + "... (9872 more bytes)");
  EXPECT_EQ(all[0].words.size(), 32u);
  EXPECT_EQ(all[0].words.back(), "... (21 more arguments)");
}

TEST_F(slowlog_test, shows_no_passwords) {
  test::world x{config(0us)};
  x.feed("AUTH default secret\r\nHELLO 3 AUTH default secret\r\n");
  EXPECT_EQ(entries(), (list{"AUTH (redacted) (redacted)",
                             "HELLO 3 AUTH (redacted) (redacted)"}));
}

TEST_F(slowlog_test, shows_the_commands_of_a_transaction_and_not_exec) {
  test::world x{config(0us)};
  x.feed("MULTI\r\nPING\r\nEXEC\r\n");
  EXPECT_EQ(entries(), (list{"MULTI", "PING"}));
}

TEST_F(slowlog_test, answers_as_redis_does) {
  test::world x{config(0us)};
  x.feed("PING\r\nPING 2\r\n");
  slow->set_slower_than(-1us);
  EXPECT_EQ(x.feed("SLOWLOG LEN\r\nSLOWLOG GET 1\r\n"),
            ":2\r\n*1\r\n*6\r\n:1\r\n:1700000000\r\n:1000000\r\n*2\r\n$4\r\n"
            "PING\r\n$1\r\n2\r\n$14\r\n127.0.0.1:4711\r\n$0\r\n\r\n");
  EXPECT_TRUE(x.feed("SLOWLOG GET\r\n").starts_with("*2\r\n"));
  EXPECT_TRUE(x.feed("SLOWLOG GET -1\r\n").starts_with("*2\r\n"));
  EXPECT_EQ(x.feed("SLOWLOG GET 0\r\nSLOWLOG GET -2\r\nSLOWLOG GET x\r\n"),
            "*0\r\n-ERR count should be greater than or equal to -1\r\n"
            "-ERR count should be greater than or equal to -1\r\n");
  EXPECT_EQ(x.feed("SLOWLOG RESET\r\nSLOWLOG LEN\r\n"), "+OK\r\n:0\r\n");
  test::world guest{config(0us), test::stranger_peer()};
  EXPECT_TRUE(guest.feed("SLOWLOG GET\r\n").starts_with("-NOPERM "));
}

TEST_F(slowlog_test, keeps_nothing_where_there_is_no_log) {
  test::world x;
  EXPECT_EQ(x.feed("SLOWLOG GET\r\nSLOWLOG LEN\r\nSLOWLOG RESET\r\n"),
            "*0\r\n:0\r\n+OK\r\n");
}

} // namespace
} // namespace saker::session
