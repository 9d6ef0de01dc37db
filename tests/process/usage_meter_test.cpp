#include "process/usage_meter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <unistd.h>

namespace saker::process {
namespace {

using namespace std::chrono_literals;

class usage_meter_test : public testing::Test {
protected:
  /// A process that started `age` before a snapshot at 1000 s.
  static process_cost
  one(pid_t pid, pid_t parent, pid_t session, std::uint64_t ticks = 0,
      std::chrono::seconds age = 100s) {
    auto start = static_cast<std::uint64_t>((1000s - age).count()) * 100;
    return {pid, parent, session, start, ticks, 1000};
  }

  tree_usage of(pid_t root) const {
    pid_t roots[] = {root};
    auto found = uut.usage(roots);
    auto i = found.find(root);
    return i == found.end() ? tree_usage{} : i->second;
  }

  usage_meter uut{100};
};

TEST_F(usage_meter_test, a_tree_is_a_session_and_all_descendants) {
  uut.feed({1000s,
            {one(1, 0, 1), one(10, 1, 10), one(11, 10, 10),
             one(12, 11, 12), // a session of its own
             one(13, 12, 12), // … and its child
             one(14, 1, 10),  // its parent has gone
             one(20, 1, 20), one(21, 20, 20), one(30, 1, 30)}});
  EXPECT_EQ(of(10).processes, 5u);
  EXPECT_EQ(of(10).rss, 5'000u);
  pid_t roots[] = {10, 20, 99};
  auto both = uut.usage(roots);
  EXPECT_EQ(both.size(), 2u);
  EXPECT_EQ(both[20].processes, 2u);
}

TEST_F(usage_meter_test, a_tree_within_a_tree_counts_for_itself) {
  uut.feed({1000s, {one(10, 1, 10), one(20, 10, 20), one(21, 20, 20)}});
  pid_t roots[] = {10, 20};
  auto found = uut.usage(roots);
  EXPECT_EQ(found[10].processes, 1u);
  EXPECT_EQ(found[20].processes, 2u);
}

TEST_F(usage_meter_test, at_first_cpu_is_since_the_start) {
  uut.feed({1000s, {one(10, 1, 10, 5'000), one(11, 10, 10, 1'000, 10s)}});
  EXPECT_DOUBLE_EQ(of(10).cpu, 50 + 100);
}

TEST_F(usage_meter_test, then_cpu_is_since_the_snapshot_before) {
  uut.feed({1000s, {one(10, 1, 10, 5'000)}});
  uut.feed({1002s, {one(10, 1, 10, 5'050), one(11, 10, 10, 30, -1s)}});
  EXPECT_DOUBLE_EQ(of(10).cpu, 25 + 30);
  uut.feed({1004s, {one(10, 1, 10, 5'050)}});
  EXPECT_DOUBLE_EQ(of(10).cpu, 0);
}

TEST_F(usage_meter_test, a_renewed_snapshot_keeps_what_cpu_is_told_since) {
  uut.feed({1000s, {one(10, 1, 10, 5'000)}});
  uut.feed({1002s, {one(10, 1, 10, 5'100)}});
  uut.renew({1004s, {one(10, 1, 10, 5'100), one(20, 1, 20)}});
  EXPECT_DOUBLE_EQ(of(10).cpu, 25);
  EXPECT_TRUE(uut.has_seen(20));
  EXPECT_FALSE(uut.has_seen(30));
}

TEST_F(usage_meter_test, a_pid_that_is_used_again_is_another_process) {
  uut.feed({1000s, {one(10, 1, 10, 5'000)}});
  uut.feed({1002s, {one(10, 1, 10, 100, 0s)}});
  EXPECT_DOUBLE_EQ(of(10).cpu, 50);
}

TEST_F(usage_meter_test, a_process_without_age_costs_no_wonder) {
  uut.feed({1000s, {one(10, 1, 10, 1, 0s), one(11, 10, 10, 0, -5s)}});
  EXPECT_DOUBLE_EQ(of(10).cpu, 100);
}

TEST_F(usage_meter_test, parents_in_a_circle_end) {
  uut.feed(
    {1000s,
     {one(10, 11, 10), one(11, 10, 11), one(12, 13, 5), one(13, 12, 5)}});
  EXPECT_EQ(of(10).processes, 2u);
  EXPECT_EQ(of(99).processes, 0u);
}

TEST_F(usage_meter_test, without_its_leader_there_is_no_tree) {
  uut.feed({1000s, {one(11, 1, 10)}});
  EXPECT_EQ(of(10).processes, 0u);
}

TEST(process_snapshot_test, sees_this_process) {
  auto all = take_snapshot();
  ASSERT_TRUE(all);
  EXPECT_GT(all->at, 0s);
  auto me = std::find_if(all->processes.begin(), all->processes.end(),
                         [](auto& x) { return x.pid == ::getpid(); });
  ASSERT_NE(me, all->processes.end());
  EXPECT_EQ(me->parent, ::getppid());
  EXPECT_EQ(me->session, ::getsid(0));
  EXPECT_GT(me->rss, 100'000u);
}

} // namespace
} // namespace saker::process
