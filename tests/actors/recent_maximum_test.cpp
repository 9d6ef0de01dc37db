#include "actors/recent_maximum.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

recent_maximum::time_point instant(std::chrono::milliseconds x) {
  return recent_maximum::time_point{x};
}

TEST(recent_maximum_test, forgets_after_some_seconds) {
  recent_maximum x;
  EXPECT_EQ(x.get(instant(0ms)), 0);
  x.note(70, instant(100'000ms));
  x.note(30, instant(100'900ms));
  x.note(50, instant(103'000ms));
  EXPECT_EQ(x.get(instant(107'999ms)), 70);
  EXPECT_EQ(x.get(instant(108'000ms)), 50);
  EXPECT_EQ(x.get(instant(111'000ms)), 0);
  x.note(10, instant(108'000ms)); // in the place of the first
  EXPECT_EQ(x.get(instant(108'500ms)), 50);
}

} // namespace
} // namespace saker
