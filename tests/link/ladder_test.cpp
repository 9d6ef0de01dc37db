#include "link/ladder.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::link {
namespace {

using namespace std::chrono_literals;

TEST(ladder_test, reads_signals_and_the_time_between_them) {
  auto x = parse_ladder("TERM 10s QUIT 500ms KILL");
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, (ladder{{SIGTERM, 10s}, {SIGQUIT, 500ms}, {SIGKILL, 0s}}));
}

TEST(ladder_test, takes_names_with_sig_in_any_case_and_numbers) {
  auto x = parse_ladder("  SIGTERM  1s\tusr1 2s 9 ");
  ASSERT_FALSE(x); // a tab is no blank
  x = parse_ladder("  SIGTERM  1s usr1 0 9 ");
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, (ladder{{SIGTERM, 1s}, {SIGUSR1, 0s}, {SIGKILL, 0s}}));
}

TEST(ladder_test, says_what_is_wrong) {
  auto why = [](const char* text) {
    auto x = parse_ladder(text);
    return x ? std::string{} : x.error().detail;
  };
  EXPECT_NE(why("TREM 10s").find("did you mean \"TERM\""), std::string::npos);
  EXPECT_NE(why("10s KILL").find("signal must stand before"),
            std::string::npos);
  EXPECT_NE(why("TERM 1s 2s").find("signal must stand before"),
            std::string::npos);
  EXPECT_NE(why("").find("TERM 10s KILL"), std::string::npos);
  EXPECT_NE(why("TERM 5x"), "");
  EXPECT_NE(why("TERM 77"), "");
  EXPECT_NE(why("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1").find("16"),
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
} // namespace saker::link
