#include "keeper/stop_run.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;

/// What is sent, and when, if nothing ever ends.
std::vector<std::pair<int, stamp>> course(descent x, stamp now) {
  std::vector<std::pair<int, stamp>> out;
  for (;;) {
    for (auto signal = x.due(now); signal != 0; signal = x.due(now))
      out.emplace_back(signal, now);
    auto next = x.next();
    if (!next)
      return out;
    EXPECT_GT(*next, now);
    now = *next;
  }
}

using steps = std::vector<std::pair<int, stamp>>;

TEST(descent_test, follows_its_ladder) {
  EXPECT_EQ(course(descent{"TERM 2s QUIT 1s KILL", 100s}, 100s),
            (steps{{SIGTERM, 100s}, {SIGQUIT, 102s}, {SIGKILL, 103s}}));
}

TEST(descent_test, signals_without_a_wait_go_together) {
  EXPECT_EQ(course(descent{"USR1 TERM 1s KILL", 0s}, 0s),
            (steps{{SIGUSR1, 0s}, {SIGTERM, 0s}, {SIGKILL, 1s}}));
}

TEST(descent_test, ends_in_kill_after_a_minute) {
  EXPECT_EQ(course(descent{"TERM", 0s}, 0s),
            (steps{{SIGTERM, 0s}, {SIGKILL, 60s}}));
  EXPECT_EQ(course(descent{"TERM 5m QUIT 5m KILL", 0s}, 0s),
            (steps{{SIGTERM, 0s}, {SIGKILL, 60s}}));
}

TEST(descent_test, text_that_is_no_ladder_counts_as_the_usual_one) {
  EXPECT_EQ(course(descent{"garbage", 0s}, 0s),
            (steps{{SIGTERM, 0s}, {SIGKILL, 10s}}));
}

TEST(descent_test, compressed_only_kill_is_left) {
  descent x{"TERM 30s QUIT 1s KILL", 0s};
  EXPECT_EQ(x.due(0s), SIGTERM);
  EXPECT_EQ(x.due(1s), 0);
  x.compress(1s);
  EXPECT_EQ(x.due(1s), SIGKILL);
  EXPECT_EQ(x.due(1s), 0);
  EXPECT_FALSE(x.next());
}

} // namespace
} // namespace saker::keeper
