#include "pubsub/output_limit.hpp"

#include <gtest/gtest.h>

namespace saker::pubsub {
namespace {

using namespace std::chrono_literals;

constexpr output_rule rule{100, 50, 60s};

output_limit::time_point at(std::chrono::nanoseconds x) {
  return output_limit::time_point{1h + x};
}

TEST(output_limit_test, cuts_off_at_once_at_the_hard_limit) {
  output_limit x;
  EXPECT_FALSE(x.exceeded(rule, 99, at(0s)));
  EXPECT_TRUE(x.exceeded(rule, 100, at(0s)));
}

TEST(output_limit_test, cuts_off_after_being_above_the_soft_limit_too_long) {
  output_limit x;
  EXPECT_FALSE(x.exceeded(rule, 50, at(0s)));
  EXPECT_FALSE(x.exceeded(rule, 60, at(60s)));
  EXPECT_TRUE(x.exceeded(rule, 50, at(60s + 1ns)));
}

TEST(output_limit_test, forgives_who_was_below_in_between) {
  output_limit x;
  EXPECT_FALSE(x.exceeded(rule, 50, at(0s)));
  EXPECT_FALSE(x.exceeded(rule, 49, at(59s)));
  EXPECT_FALSE(x.exceeded(rule, 50, at(61s)));
  EXPECT_FALSE(x.exceeded(rule, 50, at(121s)));
  EXPECT_TRUE(x.exceeded(rule, 50, at(122s)));
}

TEST(output_limit_test, knows_when_to_look_again) {
  output_limit x;
  EXPECT_EQ(x.deadline(rule), std::nullopt);
  EXPECT_FALSE(x.exceeded(rule, 50, at(0s)));
  ASSERT_TRUE(x.deadline(rule));
  EXPECT_TRUE(x.exceeded(rule, 50, *x.deadline(rule)));
}

TEST(output_limit_test, lets_everything_pass_without_limits) {
  output_limit x;
  EXPECT_FALSE(x.exceeded({}, std::uint64_t{1} << 40, at(0s)));
  EXPECT_FALSE(x.exceeded({}, std::uint64_t{1} << 40, at(1h)));
  EXPECT_EQ(x.deadline({}), std::nullopt);
}

TEST(output_limit_test, reads_rules_as_users_write_them) {
  EXPECT_EQ(*parse_output_rule("32mb 8mb 60s"), default_pubsub_rule);
  EXPECT_EQ(*parse_output_rule(" 32mb  8mb  60s "), default_pubsub_rule);
  EXPECT_EQ(*parse_output_rule("0"), output_rule{});
  EXPECT_EQ(*parse_output_rule("64kb"), (output_rule{65536, 0, 0s}));
  for (auto x : {"", "1 2", "1 2 3 4", "x", "1 x 60s", "1 1 60"})
    EXPECT_FALSE(parse_output_rule(x)) << x;
}

} // namespace
} // namespace saker::pubsub
