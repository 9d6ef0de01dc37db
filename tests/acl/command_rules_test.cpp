#include "acl/command_rules.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace saker::acl {
namespace {

// Each rule once looked at all before it, with copies of all of them.
TEST(command_rules_test, takes_thousands_of_arguments_at_once) {
  command_rules x;
  std::string text = "-@all";
  auto begin = std::chrono::steady_clock::now();
  for (auto& command : resp::commands()) {
    if (!command.subcommands.empty()
        || command.target == resp::target::roster) // take no first argument
      continue;
    for (auto i = 0; i < 100; ++i) {
      auto rule = '+' + std::string{command.name} + '|' + std::to_string(i);
      ASSERT_EQ(x.change(rule), "") << rule;
      text += ' ' + rule;
    }
  }
  EXPECT_EQ(x.describe(), text);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20});
}

TEST(command_rules_test, forgets_what_counts_no_more) {
  struct row {
    std::vector<std::string_view> rules;
    std::string_view text;
  };
  const row rows[]{
    {{"+select|0", "+select", "+select|1"}, "-@all +select"},
    {{"+@all", "-select", "+select|0"}, "+@all -select +select|0"},
    {{"+@all", "-select", "+select|0", "-select"}, "+@all -select"},
    {{"+@all", "-select", "+select|0", "+select"}, "+@all"},
    {{"+select|0", "-@fast", "+select|0"}, "-@all -@fast +select|0"},
    {{"+client|id", "+client|info", "-client|id"}, "-@all +client|info"},
    {{"+call|a", "+call", "+call|b"}, "-@all +call|a +call +call|b"},
    {{"+call|a", "+call", "-call"}, "-@all"},
  };
  for (auto& [rules, text] : rows) {
    command_rules x;
    for (auto rule : rules)
      EXPECT_EQ(x.change(rule), "") << rule;
    EXPECT_EQ(x.describe(), text);
  }
}

TEST(command_rules_test, give_no_service_by_a_first_argument) {
  for (auto rule : {"+svstop|web", "+svwhy|web", "+SVRUN|web", "+svstatus|*",
                    "+svapply|a.lua"}) {
    command_rules x;
    auto why = std::string{x.change(rule)};
    EXPECT_NE(why.find("~service:NAME"), why.npos) << rule << ' ' << why;
    EXPECT_EQ(x.describe(), "-@all");
  }
  for (auto rule : {"+svsignal|HUP", "+shutdown|keep", "+sysinfo|cpu"}) {
    command_rules x;
    EXPECT_EQ(x.change(rule), "") << rule;
  }
}

} // namespace
} // namespace saker::acl
