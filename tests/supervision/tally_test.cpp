#include "supervision/tally.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto first_day = time_point{24h};

TEST(tally_test, counts_the_last_hour) {
  tally uut;
  EXPECT_EQ(uut.count(first_day), 0u);
  for (auto i = 0; i < 10; ++i)
    uut.add(first_day + i * 1min);
  EXPECT_EQ(uut.count(first_day + 10min), 10u);
  EXPECT_EQ(uut.count(first_day + 54min), 10u);
  EXPECT_EQ(uut.count(first_day + 61min), 5u); // the first slice has gone
  EXPECT_EQ(uut.count(first_day + 80min), 0u);
}

TEST(tally_test, does_not_change_by_being_looked_at) {
  tally uut;
  uut.add(first_day);
  EXPECT_EQ(uut.count(first_day + 2h), 0u);
  EXPECT_EQ(uut.count(first_day + 1min), 1u);
}

TEST(tally_test, is_restored_as_it_was) {
  tally uut;
  uut.add(first_day);
  uut.add(first_day + 12min);
  tally copy;
  copy.restore(uut.start(), uut.counts());
  EXPECT_EQ(copy, uut);
  EXPECT_EQ(copy.count(first_day + 61min), 1u);
}

} // namespace
} // namespace saker::supervision
