#include "supervision/control_options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

class control_options_test : public testing::Test {
protected:
  result<control_options>
  take(std::vector<std::string> words, bool may_roll = true) {
    args_ = std::move(words);
    rest = args_;
    return take_options(rest, may_roll);
  }

  std::string why(std::vector<std::string> words, bool may_roll = true) {
    auto x = take(std::move(words), may_roll);
    return x ? "" : x.error().detail;
  }

  std::span<const std::string> rest;

private:
  std::vector<std::string> args_;
};

TEST_F(control_options_test, without_options_leaves_all_words) {
  EXPECT_EQ(*take({"web", "api:*"}), control_options{});
  EXPECT_EQ(rest.size(), 2u);
  EXPECT_EQ(*take({}), control_options{});
}

TEST_F(control_options_test, takes_them_off_the_end_in_any_order_and_case) {
  control_options both{1500ms, 2};
  EXPECT_EQ(*take({"web", "WAIT", "1500", "ROLLING", "2"}), both);
  EXPECT_EQ(rest.size(), 1u);
  EXPECT_EQ(*take({"web", "rolling", "2", "wait", "1500"}), both);
  EXPECT_FALSE(take({"wait", "web"}));
}

TEST_F(control_options_test, leaves_words_that_are_no_options) {
  EXPECT_EQ(*take({"web", "5"}), control_options{});
  EXPECT_EQ(*take({"WAIT"}), control_options{});
  EXPECT_EQ(rest.size(), 1u);
}

TEST_F(control_options_test, knows_the_limits_of_its_numbers) {
  EXPECT_EQ(take({"w", "WAIT", "0"})->wait, 0ms);
  EXPECT_EQ(take({"w", "WAIT", "86400000"})->wait, 24h);
  EXPECT_EQ(take({"w", "ROLLING", "10000"})->rolling, 10'000u);
  EXPECT_EQ(why({"w", "WAIT", "86400001"}),
            "WAIT needs milliseconds from 0 to 86400000, not \"86400001\"");
  EXPECT_EQ(why({"w", "WAIT", "-1"}),
            "WAIT needs milliseconds from 0 to 86400000, not \"-1\"");
  EXPECT_EQ(why({"w", "ROLLING", "0"}),
            "ROLLING needs a number of instances from 1 to 10000, not \"0\"");
  EXPECT_EQ(why({"w", "ROLLING", "two"}),
            "ROLLING needs a number of instances from 1 to 10000, not \"two\"");
}

TEST_F(control_options_test, wants_each_of_them_once) {
  EXPECT_EQ(why({"w", "WAIT", "1", "WAIT", "2"}), "WAIT is there twice");
  EXPECT_EQ(why({"w", "ROLLING", "1", "ROLLING", "2"}),
            "ROLLING is there twice");
}

TEST_F(control_options_test, rolls_only_what_can_be_rolled) {
  EXPECT_EQ(why({"w", "ROLLING", "1"}, false), "ROLLING is for restarts only");
}

} // namespace
} // namespace saker::supervision
