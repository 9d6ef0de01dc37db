#include "pubsub/demand.hpp"

#include <gtest/gtest.h>

namespace saker::pubsub {
namespace {

class demand_test : public ::testing::Test {
protected:
  bool wants(demand::source by, bool yes, std::string name = "log:n:web") {
    return uut.change(by, {subscription_kind::channel, std::move(name), yes});
  }

  demand uut;
};

TEST_F(demand_test, tells_the_first_wish_and_the_end_of_the_last) {
  EXPECT_TRUE(wants(demand::here, true));
  EXPECT_FALSE(wants(demand::elsewhere, true));
  EXPECT_FALSE(wants(demand::here, false));
  EXPECT_TRUE(wants(demand::elsewhere, false));
}

TEST_F(demand_test, a_wish_that_is_repeated_is_one) {
  EXPECT_TRUE(wants(demand::elsewhere, true));
  EXPECT_FALSE(wants(demand::elsewhere, true));
  EXPECT_TRUE(wants(demand::elsewhere, false));
  EXPECT_FALSE(wants(demand::elsewhere, false));
}

TEST_F(demand_test, keeps_topics_apart) {
  EXPECT_TRUE(wants(demand::here, true));
  EXPECT_TRUE(wants(demand::elsewhere, true, "log:n:db"));
  EXPECT_TRUE(
    uut.change(demand::here, {subscription_kind::pattern, "log:n:web", true}));
}

} // namespace
} // namespace saker::pubsub
