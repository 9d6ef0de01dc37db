#include "keeper/node_rules.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;

constexpr node_end killed{true, SIGKILL};
constexpr node_end crashed{true, SIGSEGV};
constexpr node_end failed{false, 1};
constexpr node_end hopeless{false, 78};

TEST(node_rules_test, a_strangers_kill_costs_nothing) {
  node_rules uut;
  for (auto i = 0; i < 20; ++i) {
    auto x = uut.ended(killed, true, i * 10ms);
    EXPECT_TRUE(x.again);
    EXPECT_EQ(x.delay, 0ns) << i;
  }
  EXPECT_FALSE(uut.safe_mode());
}

TEST(node_rules_test, after_twenty_kills_in_ten_seconds_it_is_once_a_second) {
  node_rules uut;
  for (auto i = 0; i < 20; ++i)
    uut.ended(killed, true, i * 1ms);
  EXPECT_EQ(uut.ended(killed, true, 5s).delay, 1s);
  EXPECT_EQ(uut.ended(killed, true, 9s).delay, 1s);
  EXPECT_EQ(uut.ended(killed, true, 11s).delay, 0ns); // the window has moved
  EXPECT_EQ(uut.ended({true, SIGTERM}, true, 11s).delay, 0ns);
}

TEST(node_rules_test, faults_wait_twice_as_long_each_time_up_to_two_seconds) {
  node_rules uut;
  std::vector<node_rules::time> delays;
  for (auto& how : {failed, crashed, failed, crashed, failed, crashed, failed})
    delays.push_back(uut.ended(how, true, 0s).delay);
  EXPECT_EQ(delays, (std::vector<node_rules::time>{100ms, 200ms, 400ms, 800ms,
                                                   1600ms, 2s, 2s}));
}

TEST(node_rules_test, the_third_fault_in_a_minute_means_safe_mode) {
  node_rules uut;
  uut.ended(crashed, true, 0s);
  uut.ended(crashed, true, 59s);
  EXPECT_FALSE(uut.safe_mode());
  uut.ended(crashed, true, 61s); // the first is too long ago
  EXPECT_FALSE(uut.safe_mode());
  uut.ended(crashed, true, 62s);
  EXPECT_TRUE(uut.safe_mode());
}

TEST(node_rules_test, an_overlooked_end_leads_to_no_safe_mode) {
  node_rules uut;
  for (auto i = 0; i < 5; ++i) {
    uut.overlooks();
    auto x = uut.ended({true, SIGABRT}, true, i * 1s);
    EXPECT_EQ(x.delay, 0ns);
  }
  EXPECT_FALSE(uut.safe_mode());
  EXPECT_GT(uut.ended({true, SIGABRT}, true, 6s).delay, 0ns); // once only
}

TEST(node_rules_test, every_exit_and_every_crash_is_its_own_fault) {
  for (auto number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGSYS})
    EXPECT_EQ(node_rules{}.ended({true, number}, true, 0s).delay, 100ms)
      << number;
  for (auto number : {SIGKILL, SIGTERM, SIGINT, SIGUSR1})
    EXPECT_EQ(node_rules{}.ended({true, number}, true, 0s).delay, 0ns)
      << number;
  EXPECT_EQ(node_rules{}.ended({false, 0}, true, 0s).delay, 100ms);
}

TEST(node_rules_test, ten_seconds_of_ready_forget_all_faults) {
  node_rules uut;
  for (auto i = 0; i < 5; ++i)
    uut.ended(failed, true, 0s);
  uut.ready(1s);
  uut.ready(9s); // said twice: the first counts
  auto x = uut.ended(failed, true, 11s);
  EXPECT_EQ(x.delay, 100ms);
  EXPECT_FALSE(uut.safe_mode());
}

TEST(node_rules_test, less_than_ten_seconds_of_ready_forget_nothing) {
  node_rules uut;
  for (auto i = 0; i < 3; ++i)
    uut.ended(failed, true, 0s);
  uut.ready(1s);
  EXPECT_EQ(uut.ended(failed, true, 10s).delay, 800ms);
  EXPECT_TRUE(uut.safe_mode());
  // Ready of the run before does not count for the next.
  EXPECT_EQ(uut.ended(failed, true, 30s).delay, 1600ms);
}

TEST(node_rules_test, the_time_in_which_it_hung_is_no_health) {
  node_rules uut;
  for (auto i = 0; i < 3; ++i) {
    auto start = i * 15s;
    uut.ready(start + 1s);
    uut.hangs(start + 2s);
    uut.hangs(start + 14s); // the first counts
    EXPECT_EQ(uut.ended({true, SIGABRT}, true, start + 14s).delay,
              100ms * (1 << i));
  }
  EXPECT_TRUE(uut.safe_mode());
  // Healthy for long, then it hung.
  uut.ready(100s);
  uut.hangs(110s);
  EXPECT_EQ(uut.ended({true, SIGABRT}, true, 120s).delay, 100ms);
  EXPECT_FALSE(uut.safe_mode());
  // And the next run starts anew.
  uut.ready(121s);
  uut.ended(failed, true, 131s);
  EXPECT_EQ(uut.ended(failed, true, 131s).delay, 200ms);
}

TEST(node_rules_test, a_hopeless_first_start_ends_the_keeper) {
  for (auto code : {2, 3, 78}) {
    auto x = node_rules{}.ended({false, code}, false, 0s);
    EXPECT_FALSE(x.again);
    EXPECT_EQ(x.code, code);
  }
}

TEST(node_rules_test, not_when_something_lives_or_it_was_ready_before) {
  EXPECT_TRUE(node_rules{}.ended(hopeless, true, 0s).again);
  node_rules uut;
  uut.ready(0s);
  EXPECT_TRUE(uut.ended(failed, false, 1s).again);
  EXPECT_TRUE(uut.ended(hopeless, false, 2s).again);
  EXPECT_TRUE(node_rules{}.ended(failed, false, 0s).again);
  EXPECT_TRUE(node_rules{}.ended({true, 2}, false, 0s).again);
}

} // namespace
} // namespace saker::keeper
