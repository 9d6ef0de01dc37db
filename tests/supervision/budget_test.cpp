#include "supervision/budget.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto zero = time_point{1000s};

TEST(budget_test, bears_as_many_ends_as_it_says_and_not_one_more) {
  budget uut{{5, 30s}};
  for (auto i = 0; i < 5; ++i)
    EXPECT_TRUE(uut.charge(zero + i * 1s));
  EXPECT_FALSE(uut.charge(zero + 5s));
}

TEST(budget_test, forgets_what_is_older_than_its_window) {
  budget uut{{2, 10s}};
  EXPECT_TRUE(uut.charge(zero));
  EXPECT_TRUE(uut.charge(zero + 5s));
  EXPECT_TRUE(uut.charge(zero + 10s)); // the first one has just left
  EXPECT_FALSE(uut.charge(zero + 14s));
}

TEST(budget_test, of_zero_bears_nothing) {
  budget uut{{0, 10s}};
  EXPECT_FALSE(uut.charge(zero));
}

TEST(budget_test, without_limit_bears_everything) {
  budget uut{{0, 0s}};
  for (auto i = 0; i < 10'000; ++i)
    ASSERT_TRUE(uut.charge(zero));
  EXPECT_EQ(uut.used(zero), 0u);
}

TEST(budget_test, says_how_much_is_used) {
  budget uut{{5, 30s}};
  EXPECT_TRUE(uut.charge(zero));
  EXPECT_TRUE(uut.charge(zero + 20s));
  EXPECT_EQ(uut.used(zero + 20s), 2u);
  EXPECT_EQ(uut.used(zero + 30s), 1u);
  EXPECT_EQ(uut.used(zero + 50s), 0u);
}

TEST(budget_test, keeps_its_stamps_under_a_new_limit) {
  budget uut{{5, 30s}};
  for (auto i = 0; i < 3; ++i)
    EXPECT_TRUE(uut.charge(zero));
  uut.limit({2, 30s});
  EXPECT_FALSE(uut.charge(zero));
  uut.limit({5, 30s});
  EXPECT_TRUE(uut.charge(zero));
}

TEST(budget_test, memory_is_bounded_however_often_it_is_overdrawn) {
  budget uut{{5, 1h}};
  for (auto i = 0; i < 1000; ++i)
    (void)uut.charge(zero + i * 1s);
  EXPECT_EQ(uut.used(zero + 1000s), 6u);
}

TEST(budget_test, marks_are_exact_when_they_fit) {
  budget uut{{5, 30s}};
  EXPECT_TRUE(uut.charge(zero));
  EXPECT_TRUE(uut.charge(zero + 3s));
  using mark = budget::mark;
  EXPECT_EQ(uut.marks(16, zero + 4s),
            (std::vector<mark>{{zero, 1}, {zero + 3s, 1}}));
  budget copy{{5, 30s}};
  copy.restore(uut.marks(16, zero + 4s));
  EXPECT_EQ(copy.used(zero + 31s), 1u);
}

TEST(budget_test, marks_never_make_it_milder) {
  budget uut{{300, 60s}};
  for (auto i = 0; i < 300; ++i)
    EXPECT_TRUE(uut.charge(zero + i * 100ms));
  auto now = zero + 30s;
  auto marks = uut.marks(16, now);
  EXPECT_LE(marks.size(), 16u);
  EXPECT_GE(marks.size(), 8u);
  budget copy{{300, 60s}};
  copy.restore(marks);
  EXPECT_EQ(copy.used(now), 300u);
  for (auto later = now; later < zero + 100s; later += 1s) {
    EXPECT_GE(copy.used(later), uut.used(later));
    EXPECT_LE(copy.used(later), uut.used(later - 4s)); // one slice at most
  }
}

TEST(budget_test, is_read_as_count_and_window) {
  EXPECT_EQ(*parse_budget("5/30s"), (budget_limit{5, 30s}));
  EXPECT_EQ(*parse_budget("10 / 1m"), (budget_limit{10, 1min}));
  EXPECT_EQ(to_string(budget_limit{5, 30s}), "5/30s");
  EXPECT_EQ(to_string(budget_limit{0, 0s}), "none");
}

TEST(budget_test, says_what_is_wrong_with_a_text) {
  auto bad = [](std::string x, std::string reason) {
    auto uut = parse_budget(x);
    ASSERT_FALSE(uut) << x;
    EXPECT_EQ(uut.error().detail,
              "\"" + x + "\" is not a budget: " + reason
                + "; write for example \"5/30s\", at most 5 unexpected ends "
                  "in 30 seconds");
  };
  bad("5", "there is no \"/\"");
  bad("-1/30s", "the count must be 0 to 1000");
  bad("1001/30s", "the count must be 0 to 1000");
  bad("5/30", "the window is not a duration");
  bad("5/10ms", "the window must be 1s to 30d");
  bad("5/31d", "the window must be 1s to 30d");
}

} // namespace
} // namespace saker::supervision
