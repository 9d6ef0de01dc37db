#include "supervision/fair_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace saker::supervision {
namespace {

using amounts = std::vector<std::uint64_t>;

TEST(fair_share_test, whoever_has_most_gives_way) {
  EXPECT_EQ(fair_cuts({3, 100, 2}, 15), (amounts{0, 90, 0}));
  EXPECT_EQ(fair_cuts({3, 100, 60}, 23), (amounts{0, 90, 50}));
  EXPECT_EQ(fair_cuts({100}, 10), amounts{90});
}

TEST(fair_share_test, of_equals_the_first_gives_more) {
  EXPECT_EQ(fair_cuts({5, 5, 5}, 13), (amounts{1, 1, 0}));
  EXPECT_EQ(fair_cuts({1, 1, 1}, 2), (amounts{1, 0, 0}));
  EXPECT_EQ(fair_cuts({4, 9}, 0), (amounts{4, 9}));
}

TEST(fair_share_test, nobody_gives_where_there_is_room) {
  EXPECT_EQ(fair_cuts({}, 0), amounts{});
  EXPECT_EQ(fair_cuts({3, 0, 4}, 7), (amounts{0, 0, 0}));
  EXPECT_EQ(fair_cuts({3, 4}, 100), (amounts{0, 0}));
}

TEST(fair_share_test, as_many_are_left_as_may_be) {
  const amounts have{7, 0, 1, 30, 7, 12, 2};
  auto all = std::accumulate(have.begin(), have.end(), std::uint64_t{0});
  for (std::uint64_t most = 0; most <= all + 1; ++most) {
    auto cuts = fair_cuts(have, most);
    auto cut = std::accumulate(cuts.begin(), cuts.end(), std::uint64_t{0});
    EXPECT_EQ(all - cut, std::min(all, most));
    for (std::size_t i = 0; i < have.size(); ++i)
      EXPECT_LE(cuts[i], have[i]) << most;
  }
}

} // namespace
} // namespace saker::supervision
