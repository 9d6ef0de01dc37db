#include "supervision/history_queue.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

class history_queue_test : public testing::Test {
protected:
  void put(std::uint64_t ms) {
    uut.put({{ms, 0}, "a#0", "exit", {}});
  }

  std::vector<std::uint64_t> take(std::size_t most) {
    std::vector<std::uint64_t> result;
    last = uut.take(most);
    for (auto& x : last.events)
      result.push_back(x.id.ms);
    return result;
  }

  int woken = 0;
  history_queue uut{3, [this] { ++woken; }};
  history_queue::batch last;
};

using times = std::vector<std::uint64_t>;

TEST_F(history_queue_test, wakes_whoever_takes_once) {
  put(1);
  put(2);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(take(9), (times{1, 2}));
  EXPECT_FALSE(last.more);
  put(3);
  EXPECT_EQ(woken, 2);
}

TEST_F(history_queue_test, says_that_there_is_more_and_does_not_wake_then) {
  put(1);
  put(2);
  EXPECT_EQ(take(1), (times{1}));
  EXPECT_TRUE(last.more);
  put(3);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(take(2), (times{2, 3}));
  EXPECT_FALSE(last.more);
}

TEST_F(history_queue_test, the_oldest_give_way_and_are_counted_once) {
  for (std::uint64_t ms = 1; ms <= 5; ++ms)
    put(ms);
  EXPECT_EQ(take(1), (times{3}));
  EXPECT_EQ(last.missed, 2u);
  EXPECT_EQ(last.last_missed, (event_id{2, 0}));
  EXPECT_EQ(take(9), (times{4, 5}));
  EXPECT_EQ(last.missed, 0u);
}

} // namespace
} // namespace saker::supervision
