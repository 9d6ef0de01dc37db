#include "acl/service_mask.hpp"

#include "acl/check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::acl {
namespace {

/// Commands of scripts that are found by their names in that case only.
const alias_finder found_as_spelt = [](std::string_view x) { return x; };

user ruled_by(const std::vector<std::string>& rules) {
  user x{"ann"};
  for (auto& rule : rules)
    EXPECT_EQ(x.change(rule), "") << rule;
  return x;
}

bool means(std::string_view mask, const instance_name& who) {
  auto x = parse_service_mask(mask, true, true);
  return x && x->matches(who);
}

TEST(service_mask_test, means_what_it_means_in_commands) {
  const std::vector<std::string> groups{"front", "slow"};
  const instance_name web{"n1", "web", 2, groups};
  for (auto mask : {"web", "w*", "*", "web:2", "web:*", "web@n1", "w*:2@n?",
                    "@n1", "*@*", "%front", "%s*@n1"})
    EXPECT_TRUE(means(mask, web)) << mask;
  for (auto mask : {"we", "web:1", "web@n2", "@n2", "%back", "front", "*ront",
                    "%front@n2", "WEB:1"})
    EXPECT_FALSE(means(mask, web)) << mask;
}

TEST(service_mask_test, some_can_mean_nothing) {
  for (auto mask : {"", ":0", "web:", "web@", "%", "%@n1"})
    EXPECT_FALSE(parse_service_mask(mask, true, true)) << mask;
}

TEST(service_mask_test, a_whole_service_is_more_than_one_instance) {
  auto all = [](std::string_view mask) {
    return parse_service_mask(mask, true, true)->matches_whole({"n1", "web"});
  };
  EXPECT_TRUE(all("web"));
  EXPECT_TRUE(all("web:*"));
  EXPECT_FALSE(all("web:0"));
  EXPECT_FALSE(all("web:[0-9]"));
}

TEST(service_mask_test, tells_what_may_be_changed) {
  EXPECT_EQ(changeable(nullptr), "*");
  auto some = [](service_masks x) {
    return changeable(std::make_shared<const service_masks>(std::move(x)));
  };
  EXPECT_EQ(some({}), "nothing");
  EXPECT_EQ(some({*parse_service_mask("web*", true, true),
                  *parse_service_mask("db", true, false),
                  *parse_service_mask("%a", true, true)}),
            "web*, %a");
}

// -- of users ------------------------------------------------------------------

shared_services
reach_of(const std::vector<std::string>& rules, std::string_view name) {
  auto what = resp::find_command(name);
  const std::string_view args[]{name, "x"};
  return services_of(ruled_by(rules), *what, args);
}

TEST(services_of_test, are_all_only_where_that_is_said) {
  EXPECT_EQ(reach_of({"+@all", "~*"}, "svstop"), nullptr);
  EXPECT_EQ(reach_of({"+@all", "allkeys"}, "svstop"), nullptr);
  for (auto& rules :
       std::vector<std::vector<std::string>>{{"+@all"},
                                             {"+@all", "~other:*"},
                                             {"+@all", "~s*"},
                                             {"+@all", "~*", "resetkeys"}}) {
    auto reach = reach_of(rules, "svstop");
    ASSERT_NE(reach, nullptr);
    EXPECT_TRUE(reach->empty());
  }
}

TEST(services_of_test, are_those_of_the_selectors_that_allow_the_call) {
  const std::vector<std::string> rules{"+svstop", "~service:web",
                                       "(+svstart ~service:db)", "(+ping ~*)"};
  auto stop = reach_of(rules, "svstop");
  EXPECT_TRUE(may_change(stop, {"n1", "web"}));
  EXPECT_FALSE(may_change(stop, {"n1", "db"}));
  auto start = reach_of(rules, "svstart");
  EXPECT_FALSE(may_change(start, {"n1", "web"}));
  EXPECT_TRUE(may_change(start, {"n1", "db"}));
}

TEST(services_of_test, whoever_only_looks_at_some_does_not_control_them) {
  // The output of what is not controlled is not seen.
  auto reach = reach_of(
    {"+@status", "+@control", "~service:web", "(+@status ~*)"}, "svwhy");
  EXPECT_TRUE(may_look(reach, {"n1", "db"}));
  EXPECT_FALSE(may_change(reach, {"n1", "db"}));
  EXPECT_TRUE(may_change(reach, {"n1", "web"}));
  // Who controls nothing sees none anyway.
  EXPECT_EQ(reach_of({"+@status", "~*"}, "svwhy"), nullptr);
}

TEST(services_of_test, can_be_asked_for_by_right) {
  auto x = ruled_by({"+@control", "~service:web", "(+@status ~*)"});
  EXPECT_EQ(services_with(x, resp::right::none), nullptr);
  auto some = services_with(x, resp::right::control);
  EXPECT_TRUE(may_change(some, {"n1", "web"}));
  EXPECT_FALSE(may_look(some, {"n1", "db"}));
}

TEST(services_of_test, scripts_that_control_are_not_for_who_reaches_some) {
  using resp::right;
  const std::vector<std::string> some{"+@all", "~service:web"};
  EXPECT_TRUE(
    allows_alias(ruled_by(some), "greet", right::script, found_as_spelt));
  EXPECT_FALSE(
    allows_alias(ruled_by(some), "deploy", right::control, found_as_spelt));
  EXPECT_FALSE(
    allows_alias(ruled_by(some), "deploy", right::admin, found_as_spelt));
  EXPECT_TRUE(allows_alias(ruled_by({"+@all", "~*"}), "deploy", right::admin,
                           found_as_spelt));
  EXPECT_TRUE(allows_alias(ruled_by({"+@all", "~service:web", "+call|deploy"}),
                           "deploy", right::control, found_as_spelt));
}

} // namespace
} // namespace saker::acl
