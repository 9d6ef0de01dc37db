#include "tests/lua/support/definition_reading.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using namespace test;
using supervision::hook;

using commands = std::vector<std::vector<std::string>>;

TEST(definition_hooks_test, a_hook_is_a_command_or_several) {
  EXPECT_EQ(with("before = {\"mkdir\", \"-p\", \"/x\"}").before,
            (hook{{{"mkdir", "-p", "/x"}}, 30s}));
  EXPECT_EQ(with("before = \"a | b\"").before,
            (hook{{{"/bin/sh", "-c", "a | b"}}, 30s}));
  EXPECT_EQ(with("after = {{\"a\", 1}, \"b $X\"}").after.commands,
            (commands{{"a", "1"}, {"/bin/sh", "-c", "b $X"}}));
  EXPECT_EQ(with("after = {\"a\", within = \"5s\"}").after,
            (hook{{{"a"}}, 5s}));
  EXPECT_EQ(with("after = {{\"a\"}, within = \"1m\"}").after,
            (hook{{{"a"}}, 1min}));
  EXPECT_EQ(with("on_failed = {\"mail\", \"root\"}").on_failed.commands,
            (commands{{"mail", "root"}}));
  EXPECT_TRUE(with("before = false").before.empty());
}

TEST(definition_hooks_test, on_failed_may_be_a_url) {
  auto told = [](const std::string& keys) { return with(keys).on_failed; };
  EXPECT_EQ(told("on_failed = \"http://a:80/x\""),
            (hook{{}, 10s, "http://a:80/x"}));
  EXPECT_EQ(told("on_failed = {\"http://a/\", within = \"5s\"}"),
            (hook{{}, 5s, "http://a/"}));
  auto x = with("count = 2, on_failed = \"http://a:808{i}/\"");
  EXPECT_EQ(for_instance(x, 1).on_failed.url, "http://a:8081/");
  EXPECT_EQ(error_of("on_failed = \"http://me:pw@a/\""),
            "on_failed: \"http://me:***@a/\" has a user or password, which are "
            "not sent");
  EXPECT_EQ(error_of("on_failed = {\"http://a/\", \"http://b/\"}"),
            "on_failed: a URL stands alone: what else is to be told or run, a "
            "command can do");
  EXPECT_EQ(error_of("on_failed = {\"http://a/\", within = \"5\"}"),
            "on_failed.within: \"5\" is not a duration: a unit is missing; "
            "write for example \"200ms\", \"10s\", \"5m\", \"2h\"");
}

TEST(definition_hooks_test, the_instances_have_their_own) {
  auto x = with("count = 2, before = {\"a\", \"{i}\"}");
  EXPECT_EQ(for_instance(x, 1).before.commands, (commands{{"a", "1"}}));
}

TEST(definition_hooks_test, a_wrong_hook_is_told) {
  EXPECT_EQ(error_of("before = 5"),
            "before must be a command such as {\"rm\", \"-f\", \"/run/x\"}, or "
            "a list of commands, not 5");
  EXPECT_EQ(error_of("before = {}"),
            "before has no command: write for example {\"rm\", \"-f\", "
            "\"/run/x\"}");
  EXPECT_EQ(error_of("after = \" \""),
            "after is empty: write a command such as {\"rm\", \"-f\", "
            "\"/run/x\"}");
  EXPECT_EQ(error_of("after = {{\"a\"}, {}}"),
            "after.2 is empty: write the program and its arguments, for "
            "example {\"sleep\", \"60\"}");
  EXPECT_EQ(error_of("after = {{\"a\"}, 5}"),
            "after.2 must be a list of the program and its arguments, for "
            "example {\"sleep\", \"60\"}, not 5");
  EXPECT_EQ(error_of("after = {\"a\", whitin = \"5s\"}"),
            "after: there is no key \"whitin\" (did you mean \"within\"?)");
  EXPECT_EQ(error_of("after = {\"a\", within = \"5\"}"),
            "after.within: \"5\" is not a duration: a unit is missing; write "
            "for example \"200ms\", \"10s\", \"5m\", \"2h\"");
  EXPECT_EQ(error_of("after = {\"a\", within = \"0s\"}"),
            "after.within must be 100ms to 1d, not \"0s\"");
  EXPECT_EQ(error_of("before = {\"x\", string.rep(\"x\", 200000)}"),
            "before: argument 2 has 200000 bytes: Linux takes at most 131071 "
            "in one; put it into a file");
}

TEST(definition_hooks_test, what_on_failed_cannot_do_yet_is_told) {
  EXPECT_EQ(
    error_of("on_failed = \"ftp://x/y\""),
    "on_failed: a URL begins with http:// or https://; for others write "
    "a command, for example {\"curl\", \"-s\", \"ftp://x/y\"}");
  EXPECT_EQ(with("on_failed = \"https://x/y\"").on_failed,
            (hook{{}, 10s, "https://x/y"}));
  EXPECT_EQ(error_of("on_failed = function() end"),
            "on_failed: functions are not available yet: write a command");
}

} // namespace
} // namespace saker::lua
