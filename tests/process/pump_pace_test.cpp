#include "process/pump_pace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace saker::process {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t capacity = 65'536;

class pump_pace_test : public ::testing::Test {
protected:
  /// Lets a child write `rate` bytes a second for a second, reads it as the
  /// pace says, and returns how often.
  std::size_t reads(double rate, bool watched = false) {
    std::size_t count = 0;
    auto end = now + 1s;
    waited = {};
    while (now < end) {
      // The FIFO holds no more: the child waits.
      auto gathered = rate * std::chrono::duration<double>(now - read).count();
      auto bytes = std::max(1.0, std::min<double>(gathered, capacity));
      if (gathered > capacity)
        waited = std::max(
          waited,
          std::chrono::duration_cast<pump_pace::duration>(
            std::chrono::duration<double>((gathered - capacity) / rate)));
      read = now;
      auto next = uut.next(static_cast<std::size_t>(bytes), capacity, now,
                           watched);
      ++count;
      // Read as soon as readable: after the next line, and what that costs.
      now = next ? *next
                 : now
                     + std::max<pump_pace::duration>(
                       20us, std::chrono::duration_cast<pump_pace::duration>(
                               std::chrono::duration<double>(80 / rate)));
    }
    return count;
  }

  pump_pace uut;
  pump_pace::time_point now{1h};
  pump_pace::time_point read = now;
  pump_pace::duration waited{}; ///< the longest time that the child had to
};

TEST_F(pump_pace_test, reads_at_once_what_comes_after_a_silence) {
  for (auto i = 0; i < 5; ++i) {
    EXPECT_FALSE(uut.next(80, capacity, now, false));
    now += pump_pace::silence;
  }
}

TEST_F(pump_pace_test, waits_for_nothing_where_nothing_came) {
  uut.next(80, capacity, now, false);
  EXPECT_TRUE(uut.next(80, capacity, now + 1ms, false));
  EXPECT_FALSE(uut.next(0, capacity, now + 2ms, false));
}

TEST_F(pump_pace_test, rests_at_most_as_long_as_it_says) {
  for (auto i = 0; i < 1'000; ++i) {
    if (auto next = uut.next(80, capacity, now, false)) {
      EXPECT_GT(*next, now);
      EXPECT_LE(*next - now, pump_pace::longest);
      now = *next;
    }
    now += 37us;
  }
}

TEST_F(pump_pace_test,
       reads_a_child_that_writes_lines_a_bounded_number_of_times) {
  reads(80'000); // gets used to it
  EXPECT_LE(reads(80'000), 130u);
  EXPECT_EQ(waited, 0s);
}

TEST_F(pump_pace_test, reads_more_often_for_those_who_look_on) {
  reads(80'000, true);
  auto count = reads(80'000, true);
  EXPECT_GT(count, 450u);
  EXPECT_LT(count, 510u);
}

TEST_F(pump_pace_test, lets_no_child_wait_whose_fifo_can_hold_it) {
  for (auto rate : {1e5, 1e6, 1e7, 5e7}) {
    reads(rate);
    EXPECT_LE(reads(rate), 2'001u) << rate;
    EXPECT_EQ(waited, 0s) << rate;
  }
}

TEST_F(pump_pace_test, lets_a_sudden_flood_wait_once_and_shortly) {
  reads(80'000);
  reads(1e9);
  EXPECT_LE(waited, pump_pace::longest);
  reads(1e9);
  EXPECT_LE(waited, pump_pace::shortest);
}

TEST_F(pump_pace_test, gives_equal_children_equal_times) {
  std::set<pump_pace::time_point> times;
  for (auto child = 0; child < 50; ++child) {
    pump_pace one;
    auto at = now + child * 11us;
    std::optional<pump_pace::time_point> next;
    for (auto i = 0; i < 100; ++i) {
      next = one.next(80, capacity, at, false);
      at = next ? *next + child * 3us : at + 100us;
    }
    times.insert(*next);
  }
  EXPECT_LE(times.size(), 3u);
}

} // namespace
} // namespace saker::process
