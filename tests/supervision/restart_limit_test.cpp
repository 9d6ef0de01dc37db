#include "supervision/restart_limit.hpp"

#include "supervision/spawn_numbers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto begin_of_limit = time_point{1000s};

TEST(restart_limit_test, lets_a_burst_through_then_fifty_a_second) {
  restart_limit uut;
  for (auto i = 0; i < 200; ++i)
    ASSERT_EQ(uut.reserve(begin_of_limit), begin_of_limit) << i;
  EXPECT_EQ(uut.reserve(begin_of_limit), begin_of_limit + 20ms);
  EXPECT_EQ(uut.reserve(begin_of_limit), begin_of_limit + 40ms);
  EXPECT_EQ(uut.reserve(begin_of_limit + 10ms), begin_of_limit + 60ms);
}

TEST(restart_limit_test, fills_again_with_time_but_not_beyond_the_burst) {
  restart_limit uut{100ms, 2};
  EXPECT_EQ(uut.reserve(begin_of_limit), begin_of_limit);
  EXPECT_EQ(uut.reserve(begin_of_limit), begin_of_limit);
  EXPECT_EQ(uut.reserve(begin_of_limit), begin_of_limit + 100ms);
  auto later = begin_of_limit + 1h;
  EXPECT_EQ(uut.reserve(later), later);
  EXPECT_EQ(uut.reserve(later), later);
  EXPECT_EQ(uut.reserve(later), later + 100ms);
}

TEST(restart_limit_test, gives_every_thread_a_time_of_its_own) {
  restart_limit uut{1ms, 1};
  std::vector<std::vector<time_point>> turns(4);
  std::vector<std::thread> threads;
  for (auto& mine : turns)
    threads.emplace_back([&] {
      for (auto i = 0; i < 1000; ++i)
        mine.push_back(uut.reserve(begin_of_limit));
    });
  for (auto& x : threads)
    x.join();
  std::vector<time_point> all;
  for (auto& mine : turns)
    all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(all[i], begin_of_limit + i * 1ms);
}

TEST(spawn_numbers_test, grow_for_ever) {
  spawn_numbers uut{41};
  EXPECT_EQ(uut.next(), 42u);
  uut.at_least(7);
  EXPECT_EQ(uut.next(), 43u);
  uut.at_least(100);
  EXPECT_EQ(uut.next(), 101u);
}

} // namespace
} // namespace saker::supervision
