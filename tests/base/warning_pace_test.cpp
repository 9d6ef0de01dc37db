#include "base/warning_pace.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

constexpr warning_pace::time_point start{1h};

TEST(warning_pace_test, tells_at_once_and_then_after_a_pause) {
  warning_pace x;
  EXPECT_TRUE(x.is_due(start));
  EXPECT_FALSE(x.is_due(start));
  EXPECT_FALSE(x.is_due(start + 10s - 1ns));
  EXPECT_TRUE(x.is_due(start + 10s));
  EXPECT_FALSE(x.is_due(start + 11s));
}

TEST(warning_pace_test, tells_at_the_beginning_of_a_clock) {
  warning_pace x{1min};
  EXPECT_TRUE(x.is_due({}));
  EXPECT_FALSE(x.is_due(warning_pace::time_point{59s}));
  EXPECT_TRUE(x.is_due(warning_pace::time_point{1min}));
}

TEST(warning_pace_test, is_not_put_off_by_what_it_left_out) {
  warning_pace x{10s};
  EXPECT_TRUE(x.is_due(start));
  for (auto at = start; at < start + 10s; at += 1s)
    EXPECT_FALSE(x.is_due(at));
  EXPECT_TRUE(x.is_due(start + 10s));
}

} // namespace
} // namespace saker
