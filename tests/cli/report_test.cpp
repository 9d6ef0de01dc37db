#include "cli/report.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using texts = std::vector<std::string>;

resp::value outcome(std::string name, int code, std::string text) {
  return resp::map{}
    .add("name", std::move(name))
    .add("code", code)
    .add("desc", std::move(text));
}

resp::value plan_reply(texts errors = {}, texts warnings = {}) {
  auto list = [](const texts& from) {
    resp::array all;
    for (auto& x : from)
      all.items.emplace_back(x);
    return all;
  };
  return resp::map{}
    .add("add", list({"new"}))
    .add("live", list({"live api (budget)"}))
    .add("restart", list({"restart web (exec)"}))
    .add("remove", list({"old"}))
    .add("unchanged", 5)
    .add("errors", list(errors))
    .add("warnings", list(warnings));
}

TEST(report_test, says_a_line_for_each_instance) {
  auto x = outcome_report(resp::array{
    {outcome("web:0", 0, "running, pid 7"), outcome("web:1", 0, "")}});
  EXPECT_EQ(x.lines, (texts{"web:0: running, pid 7", "web:1: done"}));
  EXPECT_TRUE(x.problems.empty());
  EXPECT_EQ(x.status, 0);
}

TEST(report_test, one_that_failed_is_a_problem) {
  for (auto [code, meaning] :
       {std::pair{1, "failed"}, {2, "not within the time"}, {3, "refused"}}) {
    auto x = outcome_report(
      resp::array{{outcome("a", 0, "ok"), outcome("b", code, "")}});
    EXPECT_EQ(x.lines, texts{"a: ok"});
    EXPECT_EQ(x.problems, texts{"b: " + std::string{meaning}});
    EXPECT_EQ(x.status, 1);
  }
  auto x = outcome_report(resp::array{{outcome("b", 1, "exit 3")}});
  EXPECT_EQ(x.problems, texts{"b: exit 3"});
}

TEST(report_test, no_instance_is_no_problem) {
  auto x = outcome_report(resp::array{});
  EXPECT_TRUE(x.lines.empty());
  EXPECT_EQ(x.status, 0);
}

TEST(report_test, a_reply_without_sense_is_a_problem) {
  for (auto& reply :
       {resp::ok(), resp::value{resp::array{{resp::map{}.add("name", "a")}}}})
    EXPECT_EQ(outcome_report(reply).status, 1);
  EXPECT_EQ(plan_report(resp::ok()).status, 1);
}

TEST(report_test, a_plan_has_a_line_for_each_service_that_changes) {
  auto x = plan_report(plan_reply());
  EXPECT_EQ(x.lines,
            (texts{"add new", "live api (budget)", "restart web (exec)",
                   "remove old", "5 unchanged"}));
  EXPECT_TRUE(x.problems.empty());
  EXPECT_EQ(x.status, 0);
}

TEST(report_test, errors_of_a_plan_are_problems) {
  auto x = plan_report(plan_reply({"a.lua:3: no"}));
  EXPECT_EQ(x.problems, texts{"a.lua:3: no"});
  EXPECT_EQ(x.status, 1);
}

TEST(report_test, warnings_of_a_plan_are_only_said) {
  auto x = plan_report(plan_reply({}, {"a.lua:3: hm"}));
  EXPECT_EQ(x.problems, texts{"warning: a.lua:3: hm"});
  EXPECT_EQ(x.status, 0);
}

TEST(report_test, what_a_child_wrote_is_escaped) {
  auto x = outcome_report(resp::array{{outcome("a", 1, "\x1b[31m")}});
  EXPECT_EQ(x.problems, texts{"a: \\x1b[31m"});
}

} // namespace
} // namespace saker::cli
