#include "supervision/rollout.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using batch = rollout::batch;

TEST(rollout_test, goes_on_when_all_of_a_batch_have_ended_well) {
  rollout uut{5, 2};
  EXPECT_EQ(uut.next(), (batch{0, 2}));
  EXPECT_FALSE(uut.ended(true));
  EXPECT_TRUE(uut.ended(true));
  EXPECT_EQ(uut.next(), (batch{2, 4}));
  EXPECT_FALSE(uut.ended(true));
  EXPECT_TRUE(uut.ended(true));
  EXPECT_EQ(uut.next(), (batch{4, 5}));
  EXPECT_TRUE(uut.ended(true));
  EXPECT_EQ(uut.next(), (batch{5, 5}));
}

TEST(rollout_test, stops_after_one_that_has_not) {
  rollout uut{5, 2};
  uut.next();
  EXPECT_FALSE(uut.ended(false));
  EXPECT_TRUE(uut.ended(true)); // the batch is waited for all the same
  EXPECT_EQ(uut.next(), (batch{2, 2}));
  EXPECT_EQ(uut.reached(), 2u);
}

TEST(rollout_test, of_nobody_is_over_at_once) {
  rollout uut{0, 3};
  EXPECT_EQ(uut.next(), (batch{0, 0}));
}

TEST(rollout_test, takes_all_at_once_if_they_are_that_few) {
  rollout uut{2, 10};
  EXPECT_EQ(uut.next(), (batch{0, 2}));
}

TEST(rollout_test, takes_at_least_one) {
  rollout uut{2, 0};
  EXPECT_EQ(uut.next(), (batch{0, 1}));
}

} // namespace
} // namespace saker::supervision
