#include "io/silence.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker::io {
namespace {

using namespace std::chrono_literals;
using times = std::vector<silence::clock::time_point>;

constexpr silence::clock::time_point start{1h};

/// Looks when it should, as a tunnel does, and reads or gets segments at these
/// times; returns when it was given up.
silence::clock::time_point
given_up(silence x, const times& read, const times& got = {}) {
  auto next = read.begin();
  for (;;) {
    auto look = x.next();
    for (; next != read.end() && *next < look; ++next)
      x.heard(*next);
    std::uint64_t segments = 0;
    for (auto at : got)
      segments += at < look ? 1 : 0;
    if (x.too_long(look, segments))
      return look;
  }
}

TEST(silence_test, ends_exactly_with_the_limit) {
  EXPECT_EQ(given_up({2s, start}, {}), start + 2s);
  silence x{2s, start};
  EXPECT_FALSE(x.too_long(start + 1s, 5));
  EXPECT_FALSE(x.too_long(start + 2s - 1ns, 5));
  EXPECT_TRUE(x.too_long(start + 2s, 5));
  EXPECT_EQ(x.length(start + 3s), 3s);
}

TEST(silence_test, counts_from_the_last_byte_whenever_it_came) {
  for (auto last = 1ms; last < 2s; last += 37ms)
    EXPECT_EQ(given_up({2s, start}, {start, start + last}), start + last + 2s);
  EXPECT_EQ(given_up({2s, start}, {start + 1s, start + 2s, start + 3s}),
            start + 5s);
}

TEST(silence_test, hears_segments_that_cannot_be_read_yet) {
  times got;
  for (auto at = 300ms; at < 7s; at += 900ms)
    got.push_back(start + at);
  auto end = given_up({2s, start}, {start}, got);
  EXPECT_GT(end, got.back() + 1s);
  EXPECT_LE(end, got.back() + 2s);
}

TEST(silence_test, ends_within_the_limit_after_the_last_segment) {
  for (auto last = 0ms; last < 5s; last += 37ms) {
    times got;
    for (auto at = last; at >= 0ms; at -= 700ms)
      got.push_back(start + at);
    EXPECT_LE(given_up({2s, start}, {start}, got), start + last + 2s);
  }
}

TEST(silence_test, is_not_what_a_busy_process_has_not_read) {
  silence x{2s, start};
  // A whole minute without a turn: nobody has looked, or read.
  EXPECT_FALSE(x.too_long(start + 1min, 5));
  EXPECT_EQ(x.next(), start + 1min + 1s);
  EXPECT_TRUE(x.too_long(x.next(), 5));
  // Halfway counted, and then a minute.
  silence y{2s, start};
  EXPECT_FALSE(y.too_long(start + 1s, 5));
  EXPECT_FALSE(y.too_long(start + 1min, 6));
}

} // namespace
} // namespace saker::io
