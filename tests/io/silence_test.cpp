#include "io/silence.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker::io {
namespace {

using namespace std::chrono_literals;

constexpr silence::clock::time_point start{1h};

/// Looks at the end of the silence only, as a tunnel does, and hears something
/// at these times; returns when it was given up.
silence::clock::time_point
given_up(silence x, const std::vector<silence::clock::time_point>& heard) {
  auto next = heard.begin();
  for (;;) {
    auto look = x.end();
    for (; next != heard.end() && *next < look; ++next)
      x.heard(*next);
    if (x.too_long(look))
      return look;
  }
}

TEST(silence_test, ends_exactly_with_the_limit) {
  EXPECT_EQ(given_up({2s, start}, {}), start + 2s);
  silence x{2s, start};
  EXPECT_FALSE(x.too_long(start + 2s - 1ns));
  EXPECT_TRUE(x.too_long(start + 2s));
  EXPECT_EQ(x.length(start + 3s), 3s);
}

TEST(silence_test, counts_from_the_last_byte_whenever_it_came) {
  for (auto last = 1ms; last < 2s; last += 37ms)
    EXPECT_EQ(given_up({2s, start}, {start, start + last}), start + last + 2s);
  EXPECT_EQ(given_up({2s, start}, {start + 1s, start + 2s, start + 3s}),
            start + 5s);
}

} // namespace
} // namespace saker::io
