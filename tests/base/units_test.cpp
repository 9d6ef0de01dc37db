#include "base/units.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

TEST(units_test, reads_durations_as_users_write_them) {
  EXPECT_EQ(*parse_duration("200ms"), 200ms);
  EXPECT_EQ(*parse_duration("10s"), 10s);
  EXPECT_EQ(*parse_duration("5m"), 5min);
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("30 days"), 24h * 30);
  EXPECT_EQ(*parse_duration("0"), 0s);
}

TEST(units_test, refuses_durations_without_unit_or_sense) {
  for (auto text : {"", "10", "s", "-1s", "1x", "1s2", "1e9s", "9999999d"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(units_test, prints_durations_shortly) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(200ms), "200ms");
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(-5s), "-5s");
  EXPECT_EQ(format_duration(24h + 1s), "1d1s");
}

TEST(units_test, reads_sizes_as_redis_does) {
  EXPECT_EQ(*parse_size("512"), 512u);
  EXPECT_EQ(*parse_size("64kb"), 65'536u);
  EXPECT_EQ(*parse_size("64k"), 64'000u);
  EXPECT_EQ(*parse_size("1GB"), 1'073'741'824u);
  for (auto text : {"", "mb", "1.5mb", "-1", "9999999999gb", "1xb"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(units_test, prints_sizes_so_that_they_read_back) {
  for (std::uint64_t x : {0ull, 1ull, 1023ull, 65'536ull, 1ull << 30})
    EXPECT_EQ(*parse_size(format_size(x)), x);
  EXPECT_EQ(format_size(67'108'864), "64mb");
}

} // namespace
} // namespace saker
