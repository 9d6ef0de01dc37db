#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

namespace saker::lua {
namespace {

using namespace test;

TEST(definition_errors_test, what_is_too_long_for_linux_is_told_with_its_line) {
  EXPECT_EQ(errors("service \"big\" {\n  exec = {\"true\", "
                   "string.rep(\"x\", 5000000)}\n}"),
            "a.lua:2: service \"big\": exec: argument 2 has 5000000 bytes: "
            "Linux takes at most 131071 in one; put it into a file\n");
  EXPECT_EQ(error_of("env = {A = string.rep(\"x\", 131070)}"),
            "env: A has 131072 bytes: Linux takes at most 131071 in one; put "
            "it into a file");
  EXPECT_EQ(with("env = {A = string.rep(\"x\", 131069)}").env.size(), 1u);
  EXPECT_EQ(errors("service \"web\" { exec = string.rep(\"x\", 131072) }"),
            "a.lua:1: service \"web\": exec has 131072 bytes: Linux takes at "
            "most 131071 in one; put it into a file\n");
  EXPECT_EQ(error_of("stop = {\"x\", string.rep(\"x\", 200000)}"),
            "stop: argument 2 has 200000 bytes: Linux takes at most 131071 in "
            "one; put it into a file");
  EXPECT_EQ(error_of("dir = \"/\" .. string.rep(\"x\", 4095)"),
            "dir has 4096 bytes: Linux takes at most 4095 of a path");
  EXPECT_NE(error_of("user = string.rep(\"x\", 256)").find("longer than any"),
            std::string::npos);
}

TEST(definition_errors_test, what_is_too_long_together_is_told) {
  auto text = errors("local x = string.rep(\"x\", 100000)\n"
                     "service \"big\" {\n  exec = {\"true\", x, x, x, x, x},\n"
                     "  env = {A = x, B = x, C = x, D = x, E = x, F = x},\n"
                     "  stop = {\"false\"},\n}");
  EXPECT_EQ(text, "a.lua:3: service \"big\": exec: Argument list too long: "
                  "arguments and environment have 1100124 bytes, at most "
                  "1048576 together\n");
}

TEST(definition_errors_test, users_and_groups_are_looked_up_if_somebody_can) {
  definition_options options;
  options.user_exists = [](auto name) { return name == "www"; };
  options.group_exists = [](auto name) { return name == "adm"; };
  auto all
    = evaluate({{"a.lua", "service \"a\" { exec = {\"x\"}, user = "
                          "\"www\", supplementary_groups = {\"adm\"} "
                          "}\n"
                          "service \"b\" { exec = {\"x\"}, user = "
                          "\"wwww\", supplementary_groups = {\"am\"} }"}},
               options);
  EXPECT_EQ(told(all.errors), "");
  EXPECT_EQ(told(all.warnings),
            "a.lua:2: service \"b\": there is no group \"am\" on this "
            "machine\n"
            "a.lua:2: service \"b\": there is no user \"wwww\" on this "
            "machine\n");
}

TEST(definition_errors_test, whoever_may_mean_a_group_of_the_machine_is_told) {
  definition_options options;
  options.group_exists = [](auto name) { return name == "adm"; };
  auto told_of = [&](std::string keys) {
    auto all = evaluate(
      {{"a.lua", "service \"a\" { exec = {\"x\"}, " + keys + " }"}}, options);
    EXPECT_EQ(told(all.errors), "");
    return told(all.warnings);
  };
  EXPECT_EQ(told_of("groups = {\"adm\"}"),
            "a.lua:1: service \"a\": groups: \"adm\" is a group of services; "
            "if the group of this machine is meant, write "
            "supplementary_groups\n");
  EXPECT_EQ(told_of("groups = {\"front\"}"), "");
  EXPECT_EQ(told_of("groups = {\"adm\"}, supplementary_groups = {\"adm\"}"),
            "");
}

TEST(definition_errors_test, what_only_root_may_do_is_refused_to_others) {
  definition_options options;
  options.may_become = [](auto name) { return name == "me"; };
  options.may_set_groups = [] { return false; };
  auto all = evaluate({{"a.lua", "service \"a\" { exec = {\"x\"}, user = "
                                 "\"me\" }\n"
                                 "service \"b\" {\n  exec = {\"x\"},\n  user = "
                                 "\"www\",\n  supplementary_groups = "
                                 "{\"adm\"},\n}"}},
                      options);
  EXPECT_EQ(told(all.errors),
            "a.lua:4: service \"b\": user: only root may start services as "
            "somebody else: leave it out, or run Saker as root\n"
            "a.lua:5: service \"b\": supplementary_groups: only root may give "
            "services other groups: leave it out, or run Saker as root\n");
}

} // namespace
} // namespace saker::lua
