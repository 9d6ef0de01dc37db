#include "process/ladder.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::process {
namespace {

using namespace std::chrono_literals;

TEST(ladder_test, reads_signals_and_the_time_between_them) {
  auto x = parse_ladder("TERM 10s QUIT 500ms KILL");
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, (ladder{{SIGTERM, 10s}, {SIGQUIT, 500ms}, {SIGKILL, 0s}}));
}

TEST(ladder_test, takes_names_with_sig_in_any_case) {
  auto x = parse_ladder("  SIGTERM  1s\tusr1 2s KILL ");
  ASSERT_FALSE(x); // a tab is no blank
  x = parse_ladder("  SIGTERM  1s usr1 0 kill ");
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, (ladder{{SIGTERM, 1s}, {SIGUSR1, 0s}, {SIGKILL, 0s}}));
}

TEST(ladder_test, says_what_is_wrong) {
  auto bad = [](std::string x, std::string reason) {
    auto uut = parse_ladder(x);
    EXPECT_EQ(uut ? "accepted" : uut.error().detail,
              "\"" + x + "\" is not a stop ladder: " + reason
                + "; write signals and waits, for example \"TERM 10s KILL\"");
  };
  bad("", "it is empty");
  bad("10s KILL", "it begins with a wait");
  bad("TERM 1s 2s", "two waits follow each other");
  bad("TREM 10s", "there is no signal \"TREM\" (did you mean \"TERM\"?)");
  bad("trem 10s", "there is no signal \"trem\" (did you mean \"TERM\"?)");
  bad("TERM 10 KILL", "\"10\" is not a wait of at most 24h");
  bad("TERM 5x", "\"5x\" is not a wait of at most 24h");
  bad("TERM 25h KILL", "\"25h\" is not a wait of at most 24h");
}

TEST(ladder_test, fits_into_a_request_to_the_keeper) {
  auto times = [](std::size_t n, const std::string& word) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i)
      text += word + ' ';
    return text;
  };
  auto why = [](const std::string& text) {
    auto x = parse_ladder(text);
    return x ? "accepted" : x.error().detail;
  };
  EXPECT_EQ(parse_ladder(times(16, "INT 1s"))->size(), 16u);
  EXPECT_NE(why(times(17, "INT")).find("more than 16 signals"),
            std::string::npos);
  // What counts is how it is written, not how it was: 90s is longer then.
  auto fits = times(10, "WINCH 90s");
  EXPECT_EQ(to_string(*parse_ladder(fits)).size(), 119u);
  EXPECT_NE(why(times(11, "WINCH 90s")).find("longer than 128 bytes"),
            std::string::npos);
}

TEST(ladder_test, is_written_as_it_is_read) {
  for (auto text : {"TERM 10s KILL", "HUP", "QUIT 1m30s TERM 200ms KILL",
                    "RTMIN+6 1s KILL"}) {
    auto x = parse_ladder(text);
    ASSERT_TRUE(x) << text;
    EXPECT_EQ(to_string(*x), text);
  }
}

TEST(ladder_test, only_polite_signals_need_a_continue) {
  EXPECT_TRUE(wants_continue(SIGTERM));
  EXPECT_TRUE(wants_continue(SIGHUP));
  EXPECT_FALSE(wants_continue(SIGKILL));
  EXPECT_FALSE(wants_continue(SIGUSR1));
}

} // namespace
} // namespace saker::process
