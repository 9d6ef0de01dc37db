#include "base/figures.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace saker {
namespace {

using namespace std::chrono_literals;

TEST(figures_test, ages_read_like_a_clock) {
  EXPECT_EQ(age_figure(0ms), "00:00:00");
  EXPECT_EQ(age_figure(999ms), "00:00:00");
  EXPECT_EQ(age_figure(252s), "00:04:12");
  EXPECT_EQ(age_figure(24h - 1s), "23:59:59");
  EXPECT_EQ(age_figure(24h), "1d 00:00");
  EXPECT_EQ(age_figure(74h + 11min), "3d 02:11");
  EXPECT_EQ(age_figure(24h * 100 - 1s), "99d 23:59");
  EXPECT_EQ(age_figure(24h * 412 + 2h), "412d 02h");
}

TEST(figures_test, what_begins_in_the_future_has_no_age) {
  EXPECT_EQ(age_figure(-5s), "00:00:00");
}

TEST(figures_test, sizes_are_short) {
  EXPECT_EQ(size_figure(0), "0");
  EXPECT_EQ(size_figure(1023), "1023");
  EXPECT_EQ(size_figure(1024), "1.0K");
  EXPECT_EQ(size_figure(1536), "1.5K");
  EXPECT_EQ(size_figure(10'200), "10K"); // not 10.0K
  EXPECT_EQ(size_figure(10 * 1024), "10K");
  EXPECT_EQ(size_figure(98ull << 20), "98M");
  EXPECT_EQ(size_figure(1023ull << 20), "1023M");
  EXPECT_EQ(size_figure((1ull << 30) - 1), "1.0G");
  EXPECT_EQ(size_figure(3ull << 29), "1.5G");
  EXPECT_EQ(size_figure(std::numeric_limits<std::uint64_t>::max()), "16E");
}

TEST(figures_test, shares_of_a_processor_are_whole_unless_small) {
  EXPECT_EQ(percent_figure(0), "0%");
  EXPECT_EQ(percent_figure(0.04), "0%");
  EXPECT_EQ(percent_figure(0.4), "0.4%");
  EXPECT_EQ(percent_figure(0.96), "1%");
  EXPECT_EQ(percent_figure(7.2), "7%");
  EXPECT_EQ(percent_figure(187), "187%");
  EXPECT_EQ(percent_figure(std::numeric_limits<double>::quiet_NaN()), "0%");
}

} // namespace
} // namespace saker
