#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <string>

namespace saker::lua {
namespace {

using namespace test;

TEST(definition_errors_test, all_errors_are_told_each_with_its_line) {
  EXPECT_EQ(errors(R"(service "web" {
  exce = {"web"},
  -- dir = "x" in a comment, and "dir =" in a text
  env = { dir = "dir = 7" },
  dir = "srv",
  umask = 22, -- decimal
}

service "db" {
  exec = {"db"}, alive = 5,
}
)"),
            "a.lua:1: service \"web\": exec is missing: write the program and "
            "its arguments, for example exec = {\"sleep\", \"60\"}\n"
            "a.lua:2: service \"web\": there is no key \"exce\" (did you mean "
            "\"exec\"?)\n"
            "a.lua:5: service \"web\": dir must be a path that begins with "
            "\"/\", not \"srv\"\n"
            "a.lua:6: service \"web\": umask must be octal digits as a text, "
            "for example \"022\", not 22\n"
            "a.lua:10: service \"db\": alive is not available yet\n");
}

TEST(definition_errors_test, what_is_wrong_is_said_in_words) {
  EXPECT_EQ(error_of("count = \"two\""),
            "count must be a whole number from 0 to 10000, not \"two\"");
  EXPECT_EQ(error_of("count = 1.5"),
            "count must be a whole number from 0 to 10000, not 1.5");
  EXPECT_EQ(error_of("count = -1"),
            "count must be a whole number from 0 to 10000, not -1");
  EXPECT_EQ(error_of("autostart = \"yes\""),
            "autostart must be true or false, not \"yes\"");
  EXPECT_EQ(error_of("user = {}"), "user must be a name or a number, not a "
                                   "table");
  EXPECT_EQ(error_of("supplementary_groups = \"www\""),
            "supplementary_groups must be a list of group names, not "
            "\"www\"");
  const std::string other
    = "; groups of the operating system are supplementary_groups";
  EXPECT_EQ(error_of("groups = \"www\""),
            "groups must be a list of groups of services such as {\"front\"}, "
            "not \"www\""
              + other);
  EXPECT_EQ(error_of("groups = {27}"),
            "groups: 27 is not the name of a group of services" + other);
  EXPECT_EQ(error_of("groups = {\"wait\"}"),
            "groups: \"wait\" is a word of the commands: take another name"
              + other);
  EXPECT_EQ(error_of("umask = \"89\""),
            "umask must be octal digits as a text, for example \"022\", not "
            "\"89\"");
  EXPECT_EQ(error_of("env = {\"A=1\"}"),
            "env must be a table of names and values, for example {PORT = "
            "\"80\"}");
  EXPECT_EQ(error_of("env = {[\"A B\"] = 1}"),
            "env: \"A B\" is not the name of a variable");
  EXPECT_EQ(error_of("env = {A = {}}"),
            "env: A must be a text or a number, not a table");
  EXPECT_EQ(error_of("inherit_env = {\"A=\"}"),
            "inherit_env: \"A=\" is not the name of a variable");
  EXPECT_EQ(error_of("start_timeout = 30"),
            "start_timeout must be a duration such as \"10s\", not 30");
  EXPECT_EQ(error_of("start_timeout = \"30\""),
            "start_timeout: \"30\" is not a duration: a unit is missing; write "
            "for example \"200ms\", \"10s\", \"5m\", \"2h\"");
  EXPECT_EQ(error_of("start_timeout = \"2h\""),
            "start_timeout must be 100ms to 1h, not \"2h\"");
  EXPECT_EQ(error_of("stop = \"TREM 1s KILL\""),
            "stop: \"TREM 1s KILL\" is not a stop ladder: there is no signal "
            "\"TREM\" (did you mean \"TERM\"?); write signals and waits, for "
            "example \"TERM 10s KILL\"");
  EXPECT_EQ(error_of("kill = \"treee\""),
            "kill must be \"tree\" or \"leader\", not \"treee\" (did you mean "
            "\"tree\"?)");
  EXPECT_EQ(error_of("pidfile = \"web.pid\""),
            "pidfile must be a path that begins with \"/\", not \"web.pid\"");
  EXPECT_EQ(error_of("budget = \"5\""),
            "budget: \"5\" is not a budget: there is no \"/\"; write for "
            "example \"5/30s\", at most 5 unexpected ends in 30 seconds");
  EXPECT_EQ(error_of("log = \"/x\""),
            "log must be true, false or a table such as {size = \"10M\", keep "
            "= 5}, not \"/x\"");
  EXPECT_EQ(error_of("log = {sise = 1}"),
            "log: there is no key \"sise\" (did you mean \"size\"?)");
  EXPECT_EQ(error_of("log = {size = \"1k\"}"),
            "log.size must be 4kb to 1024gb, not \"1k\"");
  EXPECT_EQ(error_of("log = {gzip = true}"), "log.gzip is not available yet");
  EXPECT_EQ(error_of("ready = \"now\""),
            "ready must be a check such as up(\"0s\"), not \"now\"");
  EXPECT_EQ(error_of("policy = {}"),
            "policy must be what policy {…} returned, not a table");
  EXPECT_EQ(error_of("\"web\""),
            "\"web\" has no key: write for example exec = {\"sleep\", "
            "\"60\"}");
  EXPECT_EQ(error_of("dir = \"/a\\0b\""), "dir contains a zero byte");
}

TEST(definition_errors_test, a_regular_expression_is_compiled) {
  auto text = error_of("match = \"web(\"");
  EXPECT_TRUE(text.starts_with("match: ")) << text;
  EXPECT_EQ(with("match = \"^web {i}\"").match, "^web {i}");
}

TEST(definition_errors_test, exec_is_checked_word_by_word) {
  auto exec = [](std::string x) {
    auto text = errors("service \"web\" { exec = " + x + " }");
    return text.substr(std::string{"a.lua:1: service \"web\": "}.size());
  };
  EXPECT_EQ(exec("{}"), "exec is empty: write the program and its arguments, "
                        "for example {\"sleep\", \"60\"}\n");
  EXPECT_EQ(exec("\" \""), "exec is empty: write the program and its "
                           "arguments, for example {\"sleep\", \"60\"}\n");
  EXPECT_EQ(exec("{\"web\", true}"),
            "exec: argument 2 must be a text, not true\n");
  EXPECT_EQ(exec("{\"web\", port = 80}"),
            "exec must be a list of the program and its arguments, for "
            "example {\"sleep\", \"60\"}, not a table\n");
  EXPECT_EQ(exec("print"),
            "exec must be a list of the program and its arguments, for "
            "example {\"sleep\", \"60\"}, not a function\n");
}

TEST(definition_errors_test, instances_must_not_share_files) {
  EXPECT_EQ(error_of("count = 2, pidfile = \"/run/web.pid\""),
            "pidfile must contain {i}, because the instances cannot share a "
            "file");
  EXPECT_EQ(error_of("count = 2, log = {file = \"/log/web\"}"),
            "log must contain {i}, because the instances cannot share a "
            "file");
}

TEST(definition_errors_test, known_words_that_do_nothing_yet_say_so) {
  EXPECT_EQ(errors(R"(
tree "t" { strategy = "one_for_all" }
on("x", function() end)
service "web" {
  exec = {"web"},
  ready = tcp(80),
  needs = { db = "ready" },
}
service "b" { exec = {"b"}, ready = up("5s") }
)"),
            "a.lua:2: tree is not available yet\n"
            "a.lua:3: on is not available yet\n"
            "a.lua:6: tcp is not available yet: the only check is up(\"0s\")\n"
            "a.lua:7: service \"web\": needs is not available yet\n"
            "a.lua:9: up with a time is not available yet: only up(\"0s\") is, "
            "which means that exec succeeded\n");
  for (std::string key : {"alive", "memory", "vital", "place", "on_exit"})
    EXPECT_EQ(error_of(key + " = 1"), key + " is not available yet");
}

TEST(definition_errors_test, reload_is_a_signal_or_a_command) {
  using supervision::reload_rule;
  EXPECT_EQ(one("exec = {\"x\"}, reload = \"HUP\"").reload,
            (reload_rule{SIGHUP, {}}));
  EXPECT_EQ(one("exec = {\"x\"}, reload = {\"x\", \"-r\"}").reload,
            (reload_rule{0, {"x", "-r"}}));
  EXPECT_FALSE(one("exec = {\"x\"}").reload);
  EXPECT_EQ(error_of("reload = \"HOP\""),
            "reload must be a signal such as \"HUP\", or a command as a list "
            "such as {\"nginx\", \"-s\", \"reload\"}, not \"HOP\"");
  EXPECT_EQ(error_of("reload = \"KILL\""),
            "reload: no program hears KILL; it needs a signal such as "
            "\"HUP\"");
}

TEST(definition_errors_test, names_follow_the_rule) {
  EXPECT_EQ(errors("service \"we b\" { exec = {\"x\"} }"),
            "a.lua:1: \"we b\" is not a name: it must begin with a letter or "
            "digit and go on with letters, digits, \"_\", \".\" or \"-\"\n");
  EXPECT_EQ(errors("service \"Wait\" { exec = {\"x\"} }"),
            "a.lua:1: \"Wait\" is a word of the commands: take another "
            "name\n");
  EXPECT_EQ(errors("service { exec = {\"x\"} }"),
            "a.lua:1: a service needs a name: write service \"name\" {…}\n");
}

TEST(definition_errors_test, a_service_without_a_table_is_told) {
  EXPECT_EQ(errors("\nservice \"web\""),
            "a.lua:2: service \"web\" has no table: write service \"web\" { "
            "exec = {…} }\n");
  EXPECT_EQ(errors("service \"web\" (5)"),
            "a.lua:1: service \"web\" needs a table {…}, not 5\n");
  EXPECT_EQ(errors("local s = service \"web\"\ns { exec = {\"x\"} }\n"
                   "s { exec = {\"x\"} }"),
            "a.lua:3: service \"web\" has a second table: one service has "
            "one\n");
}

TEST(definition_errors_test, keys_that_belong_elsewhere_are_told) {
  EXPECT_EQ(errors("policy { dir = \"/\", buget = 1 }\n"
                   "defaults { exec = {\"x\"}, match = \"x\" }"),
            "a.lua:1: policy: dir makes no sense in a policy\n"
            "a.lua:1: policy: there is no key \"buget\" (did you mean "
            "\"budget\"?)\n"
            "a.lua:2: defaults: exec makes no sense in defaults\n"
            "a.lua:2: defaults: match makes no sense in defaults\n");
}

TEST(definition_errors_test, a_name_defined_twice_names_both_places) {
  auto all = evaluate({{"a.lua", "\nservice \"web\" { exec = {\"a\"} }"},
                       {"b.lua", "service \"web\" { exec = {\"b\"} }"},
                       {"c.lua", "service \"db\" { exec = {\"c\"} }"}});
  EXPECT_EQ(told(all.errors), "b.lua:1: service \"web\" is defined twice: here "
                              "and in a.lua:2\n");
  EXPECT_EQ(all.bad, (std::set<std::string>{"a.lua", "b.lua"}));
  EXPECT_EQ(all.services.size(), 1u);
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_errors_test, two_services_cannot_have_one_file) {
  auto keys = std::string{"exec = {\"x\"}, pidfile = \"/p\", log = {file = "
                          "\"/l\"}"};
  EXPECT_EQ(
    errors("service \"a\" {" + keys + "}\nservice \"b\" {" + keys + "}"),
    "a.lua:2: log file /l is used twice: here and in a.lua:1\n"
    "a.lua:2: pidfile /p is used twice: here and in a.lua:1\n");
}

} // namespace
} // namespace saker::lua
