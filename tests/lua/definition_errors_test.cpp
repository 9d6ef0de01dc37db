#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
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

TEST(definition_errors_test, instances_must_not_share_files) {
  EXPECT_EQ(error_of("count = 2, pidfile = \"/run/web.pid\""),
            "pidfile must contain {i}, because the instances cannot share a "
            "file");
  EXPECT_EQ(error_of("count = 2, log = {file = \"/log/web\"}"),
            "log must contain {i}, because the instances cannot share a "
            "file");
}

TEST(definition_errors_test,
     q11_a_daemon_is_known_by_its_pidfile_or_its_looks) {
  auto x = with("daemon = {pidfile = \"/run/nginx.pid\"}, match = \"^nginx\"");
  ASSERT_TRUE(x.daemon);
  EXPECT_EQ(*x.daemon, (supervision::daemon_settings{"/run/nginx.pid", ""}));
  EXPECT_EQ(x.match, "^nginx");
  x = with("daemon = {match = \"^/opt/legacyd\"}");
  EXPECT_EQ(*x.daemon, (supervision::daemon_settings{"", "^/opt/legacyd"}));
  EXPECT_FALSE(with("count = 1").daemon);
  EXPECT_TRUE(with("count = 2, daemon = {pidfile = \"/run/{i}\"}").daemon);
}

TEST(definition_errors_test, daemons_that_make_no_sense_are_refused) {
  auto form = "daemon must be a table with one key: {pidfile = "
              "\"/run/x.pid\"}, that the daemon writes itself, or {match = "
              "\"^/usr/sbin/x\"}, not ";
  EXPECT_EQ(error_of("daemon = true"), form + std::string{"true"});
  EXPECT_EQ(error_of("daemon = {}"), form + std::string{"a table"});
  EXPECT_EQ(error_of("daemon = {pidfile = \"/x\", match = \"x\"}"),
            form + std::string{"a table"});
  EXPECT_EQ(error_of("daemon = {pidfile = \"x\"}"),
            "daemon.pidfile must be a path that begins with \"/\", not \"x\"");
  EXPECT_TRUE(error_of("daemon = {match = \"x(\"}")
                .starts_with("daemon.match: match: missing"));
  EXPECT_TRUE(
    error_of("daemon = {pidfil = \"/x\"}").find("did you mean \"pidfile\"")
    != std::string::npos);
  EXPECT_EQ(error_of("pidfile = \"/y\", daemon = {pidfile = \"/x\"}"),
            "pidfile is locked for a program that stays; a daemon writes its "
            "own: daemon = {pidfile = …}");
  EXPECT_EQ(error_of("match = \"y\", daemon = {match = \"x\"}"),
            "match and daemon.match exclude each other: the one beside daemon "
            "belongs to a pidfile");
  for (auto keys : {"count = 2, daemon = {pidfile = \"/x\"}",
                    "count = 2, daemon = {match = \"x\"}"})
    EXPECT_EQ(error_of(keys), "daemon must contain {i}, because the instances "
                              "cannot share a process");
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

TEST(definition_errors_test, errors_of_a_policy_are_told_once) {
  EXPECT_EQ(errors("local p = policy { budget = 1 }\n"
                   "service \"a\" { exec = {\"x\"}, policy = p }\n"
                   "service \"b\" { exec = {\"x\"}, policy = p }"),
            "a.lua:1: policy: budget must be a text such as \"5/30s\", or "
            "false for no limit, not 1\n");
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
