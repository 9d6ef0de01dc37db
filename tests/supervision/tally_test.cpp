#include "supervision/tally.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto zero = time_point{24h};

TEST(tally_test, counts_the_last_hour) {
  tally uut;
  EXPECT_EQ(uut.count(zero), 0u);
  for (auto i = 0; i < 10; ++i)
    uut.add(zero + i * 1min);
  EXPECT_EQ(uut.count(zero + 10min), 10u);
  EXPECT_EQ(uut.count(zero + 54min), 10u);
  EXPECT_EQ(uut.count(zero + 61min), 5u); // the first slice has gone
  EXPECT_EQ(uut.count(zero + 80min), 0u);
}

TEST(tally_test, does_not_change_by_being_looked_at) {
  tally uut;
  uut.add(zero);
  EXPECT_EQ(uut.count(zero + 2h), 0u);
  EXPECT_EQ(uut.count(zero + 1min), 1u);
}

TEST(tally_test, is_restored_as_it_was) {
  tally uut;
  uut.add(zero);
  uut.add(zero + 12min);
  tally copy;
  copy.restore(uut.start(), uut.counts());
  EXPECT_EQ(copy, uut);
  EXPECT_EQ(copy.count(zero + 61min), 1u);
}

} // namespace
} // namespace saker::supervision
