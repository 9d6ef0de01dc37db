#include "supervision/cause.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;
using action = decision::action;
using kind = cause::kind;

decision then(action x) {
  return {x, {}};
}

TEST(cause_test, is_shown_as_users_write_it) {
  EXPECT_EQ(to_string(cause::exited(1)), "exit 1");
  EXPECT_EQ(to_string(cause::signaled(SIGSEGV, true)), "SIGSEGV");
  EXPECT_EQ(to_string(cause{kind::oom, 9, false}), "oom");
  EXPECT_EQ(to_string(cause{kind::exec, 2, false}), "exec");
  EXPECT_EQ(to_string(cause{kind::timeout, 0, false}), "timeout");
  EXPECT_EQ(to_string(cause{kind::unknown, 0, false}), "unknown");
  EXPECT_EQ(to_string(cause{kind::cancelled, 0, false}), "cancelled");
  EXPECT_EQ(to_string(cause{}), "none");
}

TEST(exit_table_test, restarts_everything_but_a_failed_exec_by_default) {
  exit_table uut;
  EXPECT_EQ(uut.judge(cause::exited(0)).then, then(action::restart));
  EXPECT_EQ(uut.judge(cause::signaled(SIGKILL)).row, "*");
  EXPECT_EQ(uut.judge({kind::exec, 2, false}).then, then(action::fatal));
  EXPECT_EQ(uut.judge({kind::exec, 2, false}).row, "exec");
}

TEST(exit_table_test, names_the_row_that_fired) {
  exit_table uut;
  uut.set("0", then(action::done));
  uut.set("78", then(action::fatal));
  uut.set("SIGSEGV", {action::restart, 5s});
  EXPECT_EQ(uut.judge(cause::exited(0)).row, "0");
  EXPECT_EQ(uut.judge(cause::exited(78)).then, then(action::fatal));
  EXPECT_EQ(uut.judge(cause::signaled(SIGSEGV)).row, "SIGSEGV");
  EXPECT_EQ(uut.judge(cause::signaled(SIGSEGV)).then.after, 5s);
  EXPECT_EQ(uut.judge(cause::exited(11)).row, "*"); // not the signal 11
}

TEST(exit_table_test, looks_for_oom_then_sigkill_then_the_rest) {
  exit_table uut;
  cause oom{kind::oom, SIGKILL, false};
  EXPECT_EQ(uut.judge(oom).row, "*");
  uut.set("SIGKILL", {action::restart, 30s});
  EXPECT_EQ(uut.judge(oom).row, "SIGKILL");
  uut.set("oom", {action::restart, 1min});
  EXPECT_EQ(uut.judge(oom).row, "oom");
  EXPECT_EQ(uut.judge(cause::signaled(SIGKILL)).row, "SIGKILL");
}

TEST(exit_table_test, expands_the_sugar_words) {
  EXPECT_EQ(exit_table::named("permanent"), exit_table{});
  auto transient = exit_table::named("transient");
  ASSERT_TRUE(transient);
  EXPECT_EQ(transient->judge(cause::exited(0)).then, then(action::done));
  EXPECT_EQ(transient->judge(cause::exited(1)).then, then(action::restart));
  auto temporary = exit_table::named("temporary");
  ASSERT_TRUE(temporary);
  EXPECT_EQ(temporary->judge(cause::exited(1)).then, then(action::done));
  EXPECT_EQ(temporary->judge({kind::exec, 2, false}).then, then(action::fatal));
  EXPECT_FALSE(exit_table::named("always"));
}

TEST(exit_table_test, knows_what_may_be_a_key) {
  for (auto key : {"0", "255", "SIGSEGV", "SIGRTMIN+1", "exec", "unready",
                   "unhealthy", "oom", "timeout", "unknown", "lost", "*"})
    EXPECT_TRUE(exit_table::is_key(key)) << key;
  for (auto key : {"", "256", "-1", "01", "SEGV", "sigsegv", "11x", "OOM",
                   "none", "resources", "cancelled", "SIGNOPE"})
    EXPECT_FALSE(exit_table::is_key(key)) << key;
}

TEST(decision_test, is_shown_as_users_write_it) {
  EXPECT_EQ(to_string(decision{action::restart, {}}), "restart");
  EXPECT_EQ(to_string(decision{action::restart, 5s}), "restart after 5s");
  EXPECT_EQ(to_string(decision{action::shutdown, {}}), "shutdown");
}

} // namespace
} // namespace saker::supervision
