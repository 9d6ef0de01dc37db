#include "actors/rate_meter.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

TEST(rate_meter_test, tells_nothing_without_samples) {
  rate_meter x;
  EXPECT_EQ(x.measure({5, 5, 5}, rate_meter::time_point{10s}).commands, 0);
}

TEST(rate_meter_test, averages_over_the_last_samples) {
  rate_meter x;
  rate_meter::time_point now{100s};
  std::int64_t done = 0;
  for (auto i = 0; i < 500; ++i, now += 10ms, done += 10)
    if (x.due(now))
      x.note({done, 2 * done, 0}, now);
  auto found = x.measure({done, 2 * done, 0}, now);
  EXPECT_NEAR(found.commands, 1000, 1);
  EXPECT_NEAR(found.input, 2000, 2);
  EXPECT_EQ(found.output, 0);
}

TEST(rate_meter_test, forgets_what_is_long_ago) {
  rate_meter x;
  rate_meter::time_point now{100s};
  x.note({0, 0, 0}, now);
  EXPECT_GT(x.measure({10, 0, 0}, now + 500ms).commands, 0);
  x.note({10, 0, 0}, now + 500ms);
  EXPECT_EQ(x.measure({10, 0, 0}, now + 5s).commands, 0);
}

TEST(rate_meter_test, is_due_ten_times_a_second) {
  rate_meter x;
  rate_meter::time_point now{100s};
  EXPECT_TRUE(x.due(now));
  x.note({}, now);
  EXPECT_FALSE(x.due(now + 99ms));
  EXPECT_TRUE(x.due(now + 100ms));
}

} // namespace
} // namespace saker
