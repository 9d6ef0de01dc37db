#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

namespace saker::lua {
namespace {

using namespace test;

TEST(definition_errors_test, the_exit_table_is_checked_row_by_row) {
  EXPECT_EQ(error_of("exit = \"restart\""),
            "exit must be a table such as {[0] = \"done\", [\"*\"] = "
            "\"restart\"}, not \"restart\"; restart takes a word");
  EXPECT_EQ(error_of("exit = {[256] = \"done\"}"),
            "exit: 256 is not an exit code: these are 0 to 255");
  EXPECT_EQ(error_of("exit = {[\"-1\"] = \"done\"}"),
            "exit: there is no cause \"-1\"");
  EXPECT_EQ(error_of("exit = {SEGV = \"done\"}"),
            "exit: there is no cause \"SEGV\" (did you mean \"SIGSEGV\"?)");
  EXPECT_EQ(error_of("exit = {unreddy = \"done\"}"),
            "exit: there is no cause \"unreddy\" (did you mean \"unready\"?)");
  EXPECT_EQ(error_of("exit = {[0] = \"doen\"}"),
            "exit.0: there is no decision \"doen\" (did you mean \"done\"?)");
  EXPECT_EQ(error_of("exit = {[0] = 1}"),
            "exit.0 must be a decision such as \"restart\" or {\"restart\", "
            "after = \"5s\"}, not 1");
  EXPECT_EQ(error_of("exit = {oom = {\"restart\", afer = \"5s\"}}"),
            "exit.oom: there is no key \"afer\" (did you mean \"after\"?)");
  EXPECT_EQ(error_of("exit = {oom = {\"restart\", after = 5}}"),
            "exit.oom.after must be a duration such as \"10s\", not 5");
  EXPECT_EQ(error_of("exit = {oom = {\"done\", after = \"5s\"}}"),
            "exit.oom: only \"restart\" can have after");
  EXPECT_EQ(error_of("exit = {oom = function() end}"),
            "exit.oom: functions are not available yet");
  EXPECT_EQ(error_of("exit = {oom = \"escalate\"}"),
            "exit: \"escalate\" needs a tree, and trees are not available "
            "yet");
  EXPECT_EQ(error_of("restart = \"always\""),
            "restart must be \"permanent\", \"transient\" or \"temporary\", "
            "not \"always\" (did you mean \"permanent\"?)");
  EXPECT_EQ(error_of("restart = \"on-failure\""),
            "restart must be \"permanent\", \"transient\" or \"temporary\", "
            "not \"on-failure\" (did you mean \"transient\"?)");
  EXPECT_EQ(error_of("exit = {[0] = \"stop\"}"),
            "exit.0: there is no decision \"stop\"; write restart, done, fatal "
            "or shutdown");
  EXPECT_EQ(error_of("restart = \"transient\", exit = {}"),
            "restart and exit exclude each other: restart is only a short "
            "form of exit");
}

TEST(definition_errors_test, spent_and_backoff_are_checked) {
  EXPECT_EQ(error_of("spent = \"escalate\""),
            "spent: \"escalate\" needs a tree, and trees are not available "
            "yet");
  EXPECT_EQ(error_of("spent = {\"rest\", \"5m\", times = 5}"),
            "spent.times is not available yet");
  EXPECT_EQ(error_of("spent = {\"fatal\", \"5m\"}"),
            "spent: only \"rest\" takes a duration");
  EXPECT_EQ(error_of("spent = {}"),
            "spent must be \"rest\", \"fatal\" or \"escalate\", not a table");
  EXPECT_EQ(error_of("backoff = {\"10s\", \"1s\"}"),
            "backoff: the first wait is longer than the longest");
  EXPECT_EQ(error_of("backoff = {x = 0}"),
            "backoff.x must be a number from 1 to 10, not 0");
  EXPECT_EQ(error_of("backoff = {jiter = 0}"),
            "backoff: there is no key \"jiter\" (did you mean \"jitter\"?)");
  EXPECT_EQ(error_of("backoff = 5"),
            "backoff must be a table such as {\"200ms\", \"60s\", x = 2}, not "
            "5");
}

TEST(definition_errors_test, errors_of_a_policy_are_told_once) {
  EXPECT_EQ(errors("local p = policy { budget = 1 }\n"
                   "service \"a\" { exec = {\"x\"}, policy = p }\n"
                   "service \"b\" { exec = {\"x\"}, policy = p }"),
            "a.lua:1: policy: budget must be a text such as \"5/30s\", or "
            "false for no limit, not 1\n");
}

} // namespace
} // namespace saker::lua
