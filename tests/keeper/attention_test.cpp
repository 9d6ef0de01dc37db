#include "keeper/attention.hpp"

#include <gtest/gtest.h>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;
using verdict = attention::verdict;

TEST(attention_test, a_node_that_says_nothing_for_ten_seconds_hangs) {
  attention uut;
  uut.heard(90s);
  EXPECT_EQ(uut.next_look(100s), 110s);
  EXPECT_EQ(uut.judge(100s, 110s - 1ns), verdict::well);
  EXPECT_EQ(uut.judge(100s, 110s), verdict::hangs);
  EXPECT_EQ(uut.since(100s), 100s);
}

TEST(attention_test, one_that_talks_is_slow_and_does_not_hang) {
  attention uut;
  for (auto now = 100s; now < 200s; now += 9s) {
    uut.heard(now);
    EXPECT_EQ(uut.judge(100s, now + 9s), verdict::well) << now.count();
    EXPECT_EQ(uut.next_look(100s), now + 10s);
  }
  EXPECT_EQ(uut.since(100s), 199s);
  EXPECT_EQ(uut.judge(100s, 209s), verdict::hangs); // and then it fell silent
}

TEST(attention_test, one_that_talks_may_not_overlook_an_end_for_ever) {
  attention uut;
  uut.heard(215s);
  EXPECT_EQ(uut.next_look(100s), 220s);
  EXPECT_EQ(uut.judge(100s, 220s - 1ns), verdict::well);
  EXPECT_EQ(uut.judge(100s, 220s), verdict::overlooks);
  EXPECT_EQ(uut.judge(101s, 220s), verdict::well); // a later end
}

TEST(attention_test, what_an_earlier_node_said_does_not_count) {
  attention uut;
  uut.heard(109s);
  uut.begin();
  EXPECT_EQ(uut.judge(100s, 110s), verdict::hangs);
}

} // namespace
} // namespace saker::keeper
