#include "supervision/backoff.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto middle = 0.5; // no jitter at all

TEST(backoff_test, restarts_at_once_then_doubles_up_to_the_cap) {
  backoff uut{{200ms, 1s, 2, 0.25, 10min}};
  EXPECT_EQ(uut.next(middle), 0ms);
  EXPECT_EQ(uut.next(middle), 200ms);
  EXPECT_EQ(uut.next(middle), 400ms);
  EXPECT_EQ(uut.next(middle), 800ms);
  EXPECT_EQ(uut.next(middle), 1s);
  EXPECT_EQ(uut.next(middle), 1s);
}

TEST(backoff_test, jitter_goes_both_ways) {
  for (auto [random, delay] :
       {std::pair{0.0, 150ms}, {0.25, 175ms}, {0.5, 200ms}, {1.0, 250ms}}) {
    backoff uut{{200ms, 1s, 2, 0.25, 10min}};
    uut.next(random);
    EXPECT_EQ(uut.next(random), delay) << random;
  }
}

TEST(backoff_test, does_not_overflow) {
  backoff uut;
  uut.step(1'000'000);
  EXPECT_EQ(uut.next(middle), 60s);
}

TEST(backoff_test, clears_after_healthy_time_only) {
  backoff uut;
  uut.next(middle);
  uut.next(middle);
  uut.lived(10min - 1ns);
  EXPECT_EQ(uut.step(), 2u);
  uut.lived(10min);
  EXPECT_EQ(uut.next(middle), 0ms);
}

} // namespace
} // namespace saker::supervision
