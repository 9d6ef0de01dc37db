#include "keeper/descendants.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <unistd.h>

namespace saker::keeper {
namespace {

std::vector<pid_t> pids(const std::vector<relation>& of) {
  std::vector<pid_t> result;
  for (auto& x : of)
    result.push_back(x.pid);
  std::sort(result.begin(), result.end());
  return result;
}

// 1 ─ 10 (the keeper) ─ 20 ─ 30 ─ 40
//                     │    └ 31
//                     ├ 21 ─ 32
//                     └ 22
const std::vector<relation> everybody = {
  {1, 0, 1},  {40, 30, 9}, {30, 20, 3}, {20, 10, 2}, {31, 20, 4},
  {10, 1, 1}, {21, 10, 5}, {32, 21, 6}, {22, 10, 7},
};

TEST(descendants_test, are_all_generations_whatever_the_order) {
  EXPECT_EQ(pids(descendants(everybody, {20})),
            (std::vector<pid_t>{20, 30, 31, 40}));
}

TEST(descendants_test, of_several_are_found_once) {
  EXPECT_EQ(pids(descendants(everybody, {20, 30, 21})),
            (std::vector<pid_t>{20, 21, 30, 31, 32, 40}));
}

TEST(descendants_test, of_nobody_and_of_those_who_are_gone_are_none) {
  EXPECT_TRUE(descendants(everybody, {}).empty());
  EXPECT_TRUE(descendants(everybody, {77}).empty());
}

/// Numbers that were given away between two looks may point in a circle.
TEST(descendants_test, end_in_a_circle) {
  EXPECT_EQ(pids(descendants({{2, 3, 1}, {3, 2, 1}}, {2})),
            (std::vector<pid_t>{2, 3}));
}

TEST(descendants_test, are_looked_for_among_all_that_live) {
  auto all = all_relations();
  auto me = std::find_if(all.begin(), all.end(),
                         [](auto& x) { return x.pid == ::getpid(); });
  ASSERT_NE(me, all.end());
  EXPECT_EQ(me->parent, ::getppid());
  EXPECT_GT(me->start_time, 0u);
}

} // namespace
} // namespace saker::keeper
