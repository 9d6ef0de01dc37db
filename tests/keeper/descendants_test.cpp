#include "keeper/descendants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include <sys/wait.h>
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

// 10 (the keeper) ─ 20 ─ 30 ─ 40
//                 │    └ 31
//                 ├ 21 ─ 32
//                 └ 22
std::vector<relation> family_below(pid_t parent) {
  switch (parent) {
    case 10: return {{20, 10, 2}, {21, 10, 5}, {22, 10, 7}};
    case 20: return {{30, 20, 3}, {31, 20, 4}};
    case 21: return {{32, 21, 6}};
    case 30: return {{40, 30, 9}};
    default: return {};
  }
}

TEST(descendants_test, are_all_generations) {
  EXPECT_EQ(pids(descendants({{20, 10, 2}}, family_below)),
            (std::vector<pid_t>{20, 30, 31, 40}));
}

TEST(descendants_test, of_several_are_found_once) {
  EXPECT_EQ(
    pids(descendants({{20, 10, 2}, {30, 20, 3}, {21, 10, 5}}, family_below)),
    (std::vector<pid_t>{20, 21, 30, 31, 32, 40}));
}

TEST(descendants_test, of_nobody_are_none) {
  EXPECT_TRUE(descendants({}, family_below).empty());
}

/// Numbers that were given away between two looks may point in a circle.
TEST(descendants_test, end_in_a_circle) {
  auto circle = [](pid_t parent) {
    return std::vector<relation>{{parent == 2 ? 3 : 2, parent, 1}};
  };
  EXPECT_EQ(pids(descendants({{2, 3, 1}}, circle)), (std::vector<pid_t>{2, 3}));
}

TEST(descendants_test, children_are_those_that_live) {
  auto child = ::fork();
  while (child == 0)
    ::pause();
  auto found = children_of(::getpid());
  ASSERT_EQ(pids(found), (std::vector<pid_t>{child}));
  EXPECT_GT(found[0].start_time, 0u);
  EXPECT_EQ(relation_of(child)->parent, ::getpid());
  ::kill(child, SIGKILL);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  EXPECT_TRUE(children_of(::getpid()).empty()); // a zombie
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(relation_of(child));
}

} // namespace
} // namespace saker::keeper
