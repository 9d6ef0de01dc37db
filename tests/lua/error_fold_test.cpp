#include "lua/error_fold.hpp"

#include <gtest/gtest.h>

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

struct error_fold_test : ::testing::Test {
  lines failed(std::string_view text, std::chrono::nanoseconds later = 0ns) {
    return uut.failed(text, now += later);
  }

  time_point now{1h};
  error_fold uut;
};

TEST_F(error_fold_test, the_first_is_said_whole_and_then_counts) {
  EXPECT_EQ(failed("no\nstack"), lines{"no\nstack"});
  for (auto i = 0; i < 5999; ++i)
    EXPECT_EQ(failed("no\nstack", 10ms), lines{});
  EXPECT_EQ(failed("no\nstack", 10ms), lines{"no (6000 times more in 1m)"});
  EXPECT_EQ(failed("no\nanother", 59s), lines{});
  EXPECT_EQ(failed("no", 1s), lines{"no (2 times more in 1m)"});
}

TEST_F(error_fold_test, rare_ones_are_all_said) {
  failed("no");
  EXPECT_EQ(failed("no", 5min), lines{"no (1 time more in 5m)"});
  EXPECT_EQ(failed("no", 5min), lines{"no (1 time more in 5m)"});
}

TEST_F(error_fold_test, another_one_is_said_at_once_after_the_count) {
  failed("no");
  failed("no", 1s);
  EXPECT_EQ(failed("why", 1s), (lines{"no (1 time more in 2s)", "why"}));
  EXPECT_EQ(failed("no", 1s), lines{"no"});
}

TEST_F(error_fold_test, of_ever_new_ones_ten_are_said_in_a_minute) {
  auto said = 0u;
  for (auto i = 0; i < 1000; ++i)
    said += failed("no " + std::to_string(i), 10ms).size();
  EXPECT_EQ(said, error_fold::most_lines);
  EXPECT_EQ(failed("new", 51s),
            (lines{"other errors (990 times more in 1m1s)", "new"}));
  // And the same goes for the next minute.
  said = 0;
  for (auto i = 0; i < 1000; ++i)
    said += failed("no " + std::to_string(i), 10ms).size();
  EXPECT_EQ(said, error_fold::most_lines - 1);
}

TEST_F(error_fold_test, what_is_left_is_told_when_it_works_again) {
  EXPECT_EQ(uut.succeeded(now), lines{});
  failed("no");
  failed("no", 1s);
  // Not at once: it may fail every other time.
  EXPECT_EQ(uut.succeeded(now += 1s), lines{});
  EXPECT_EQ(uut.succeeded(now += 58s), lines{"no (1 time more in 1m)"});
  EXPECT_EQ(uut.succeeded(now += 1h), lines{});
}

} // namespace
} // namespace saker::lua
