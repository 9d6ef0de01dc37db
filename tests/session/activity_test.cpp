#include "session/activity.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace saker::session {
namespace {

using namespace std::chrono_literals;

using ids = std::vector<std::uint64_t>;

constexpr auto beginning = activity::time_point{} + 1h;

ids idle_at(const activity& x, activity::time_point then) {
  auto found = x.look(then).idle;
  std::sort(found.begin(), found.end());
  return found;
}

TEST(activity_test, finds_those_who_did_nothing_since_then) {
  activity uut;
  auto one = uut.add(1, beginning);
  uut.add(2, beginning + 1s);
  uut.add(3, beginning + 2s);
  EXPECT_EQ(idle_at(uut, beginning - 1ns), ids{});
  EXPECT_EQ(idle_at(uut, beginning + 1s), (ids{1, 2}));
  uut.touch(one, beginning + 5s);
  EXPECT_EQ(uut.last(one), beginning + 5s);
  EXPECT_EQ(idle_at(uut, beginning + 1s), ids{2});
  EXPECT_EQ(idle_at(uut, beginning + 5s), (ids{1, 2, 3}));
}

TEST(activity_test, tells_who_is_next) {
  activity uut;
  EXPECT_FALSE(uut.look(beginning).next);
  uut.add(1, beginning);
  uut.add(2, beginning + 7s);
  uut.add(3, beginning + 3s);
  EXPECT_EQ(uut.look(beginning - 1s).next, beginning);
  EXPECT_EQ(uut.look(beginning).next, beginning + 3s);
  EXPECT_FALSE(uut.look(beginning + 7s).next);
}

TEST(activity_test, forgets_those_who_went) {
  activity uut;
  auto one = uut.add(1, beginning);
  auto two = uut.add(2, beginning);
  uut.remove(one);
  EXPECT_EQ(idle_at(uut, beginning + 1h), ids{2});
  EXPECT_FALSE(uut.look(beginning + 1h).next);
  EXPECT_EQ(uut.add(3, beginning), one); // used again
  EXPECT_EQ(idle_at(uut, beginning + 1h), (ids{2, 3}));
  uut.remove(one);
  uut.remove(two);
  EXPECT_EQ(idle_at(uut, beginning + 1h), ids{});
  EXPECT_EQ(uut.add(4, beginning), 0u);
}

} // namespace
} // namespace saker::session
