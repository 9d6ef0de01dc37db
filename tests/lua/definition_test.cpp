#include "lua/definition.hpp"

#include "base/units.hpp"
#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using namespace test;
using supervision::cause;
using supervision::decision;
using supervision::kill_scope;
using supervision::service;
using supervision::spent_rule;

// -- what is read --------------------------------------------------------------

TEST(definition_test, a_service_needs_nothing_but_exec) {
  auto x = one("exec = {\"sleep\", 60}");
  service expected;
  expected.name = "web";
  expected.exec = {"sleep", "60"};
  expected.where = {"a.lua", 1};
  expected.source = x.source;
  EXPECT_EQ(x, expected);
  EXPECT_NE(x.source, 0u);
}

TEST(definition_test, every_key_arrives) {
  auto x = one(R"(
    exec = {"./api", "--port", "800{i}"}, count = 4, autostart = false,
    dir = "/srv/api", user = "api", umask = "077",
    env = {PORT = "800{i}", DEBUG = 1}, inherit_env = {"PATH"},
    exit = {[0] = "done", [78] = "fatal", SIGSEGV = {"restart", after = "5s"},
            oom = "shutdown", ["*"] = "restart"},
    budget = "10/1m", spent = {"rest", "1h"},
    backoff = {"100ms", "10s", x = 3, jitter = 0.5, reset = "5m"},
    start_timeout = "5s", stop = "INT 3s KILL", kill = "leader",
    reload = {"apictl", "reload", 1},
    groups = {"slow", "front", "slow"}, supplementary_groups = {"www", 27},
    pidfile = "/run/api-{i}.pid", match = "^api {i}$",
    log = {file = "/log/{i}.log", size = "1mb", keep = 2, split = true,
           full = "block"},
    ready = up("0s"),
  )");
  EXPECT_EQ(x.exec.back(), "800{i}");
  EXPECT_EQ(x.count, 4u);
  EXPECT_TRUE(x.counted);
  EXPECT_FALSE(x.autostart);
  EXPECT_EQ(x.dir, "/srv/api");
  EXPECT_EQ(x.user, "api");
  EXPECT_EQ(x.groups, (std::vector<std::string>{"front", "slow"}));
  EXPECT_EQ(x.supplementary_groups, (std::vector<std::string>{"www", "27"}));
  EXPECT_EQ(x.umask, 077u);
  EXPECT_EQ(x.env, (std::map<std::string, std::string>{{"DEBUG", "1"},
                                                       {"PORT", "800{i}"}}));
  EXPECT_EQ(x.inherit_env, (supervision::inherited{false, {"PATH"}}));
  using action = decision::action;
  EXPECT_EQ(x.exit.judge(cause::exited(0)).then.what, action::done);
  EXPECT_EQ(x.exit.judge(cause::exited(78)).then.what, action::fatal);
  EXPECT_EQ(x.exit.judge(cause::signaled(SIGSEGV)).then,
            (decision{action::restart, 5s}));
  EXPECT_EQ(x.exit.judge({cause::kind::oom, 9, false}).then.what,
            action::shutdown);
  EXPECT_EQ(to_string(x.budget), "10/1m");
  EXPECT_EQ(x.spent, (spent_rule{spent_rule::action::rest, 1h}));
  EXPECT_EQ(x.backoff, (supervision::backoff_rule{100ms, 10s, 3, 0.5, 5min}));
  EXPECT_EQ(x.start_timeout, 5s);
  EXPECT_EQ(to_string(x.stop), "INT 3s KILL");
  EXPECT_EQ(x.kill, kill_scope::leader);
  EXPECT_EQ(x.pidfile, "/run/api-{i}.pid");
  EXPECT_EQ(x.match, "^api {i}$");
  using full = supervision::log_settings::when_full;
  EXPECT_EQ(x.log, (supervision::log_settings{"/log/{i}.log", 1048576, 2, true,
                                              full::block}));
}

TEST(definition_test, an_exit_table_stands_on_the_default_one) {
  auto x = with("exit = {[0] = \"done\"}");
  EXPECT_EQ(x.exit.rows().at("exec").what, decision::action::fatal);
  EXPECT_EQ(x.exit.rows().at("*").what, decision::action::restart);
}

TEST(definition_test, restart_is_short_for_an_exit_table) {
  EXPECT_EQ(with("restart = \"transient\"").exit,
            *supervision::exit_table::named("transient"));
}

TEST(definition_test, short_forms_mean_what_they_look_like) {
  EXPECT_FALSE(with("log = false").log);
  EXPECT_EQ(with("log = true").log, supervision::log_settings{});
  EXPECT_TRUE(with("budget = false").budget.unlimited());
  EXPECT_EQ(with("spent = \"fatal\"").spent.what, spent_rule::action::fatal);
  EXPECT_EQ(with("spent = \"rest\"").spent.rest, 5min);
  EXPECT_EQ(with("backoff = \"3s\"").backoff.first, 3s);
  EXPECT_EQ(with("backoff = \"3s\"").backoff.cap, 3s);
  EXPECT_EQ(with("backoff = {\"2m\"}").backoff.cap, 2min);
  EXPECT_TRUE(with("inherit_env = true").inherit_env.all);
  EXPECT_TRUE(with("inherit_env = false").inherit_env.names.empty());
  EXPECT_EQ(with("stop = {\"webctl\", \"stop\"}").stop.command.front(),
            "webctl");
  EXPECT_EQ(with("user = 33").user, "33");
}

TEST(definition_test, a_text_is_run_by_the_shell_with_a_warning) {
  auto all = read("service \"web\" {\n  exec = \"a | b\",\n}");
  EXPECT_EQ(told(all.warnings),
            "a.lua:2: service \"web\": exec is a text and is run by /bin/sh "
            "-c; a table of the program and its arguments needs no shell\n");
  EXPECT_EQ(all.services.at("web")->exec,
            (std::vector<std::string>{"/bin/sh", "-c", "a | b"}));
  EXPECT_TRUE(all.services.at("web")->shell);
}

TEST(definition_test, a_file_is_a_program) {
  auto all = read(R"(
    local base = {}
    for i, name in ipairs {"a", "b"} do
      service(name) { exec = {"/bin/" .. name, tostring(i)} }
    end
    service("c", nil)
  )");
  EXPECT_EQ(all.services.size(), 0u); // c has no table
  all = read(R"(
    for i, name in ipairs {"a", "b"} do
      service(name) { exec = {"/bin/" .. name, tostring(i)} }
    end
  )");
  EXPECT_EQ(told(all.errors), "");
  EXPECT_EQ(all.services.at("b")->exec,
            (std::vector<std::string>{"/bin/b", "2"}));
}

TEST(definition_test, defaults_count_for_what_follows_in_the_file) {
  auto all = evaluate({{"a.lua", R"(
                          service "before" { exec = {"x"} }
                          defaults { user = "www", stop = "INT 1s KILL" }
                          service "after" { exec = {"x"}, user = "db" }
                          defaults { dir = "/srv" }
                          service "last" { exec = {"x"} }
                        )"},
                       {"b.lua", "service \"other\" { exec = {\"x\"} }"}});
  EXPECT_EQ(told(all.errors), "");
  EXPECT_EQ(all.services.at("before")->user, "");
  EXPECT_EQ(all.services.at("after")->user, "db");
  EXPECT_EQ(to_string(all.services.at("after")->stop), "INT 1s KILL");
  EXPECT_EQ(all.services.at("last")->user, "www");
  EXPECT_EQ(all.services.at("last")->dir, "/srv");
  EXPECT_EQ(all.services.at("other")->user, "");
}

TEST(definition_test, a_policy_stands_between_defaults_and_own_keys) {
  auto all = read(R"(
    defaults { budget = "1/1m", backoff = "9s" }
    local p = policy { budget = "2/1m", restart = "transient" }
    service "a" { exec = {"x"}, policy = p }
    service "b" { exec = {"x"}, policy = p, budget = "3/1m" }
    defaults { policy = p }
    service "c" { exec = {"x"} }
  )");
  EXPECT_EQ(told(all.errors), "");
  EXPECT_EQ(all.services.at("a")->budget.count, 2u);
  EXPECT_EQ(all.services.at("a")->backoff.first, 9s);
  EXPECT_EQ(all.services.at("b")->budget.count, 3u);
  EXPECT_EQ(all.services.at("b")->exit,
            *supervision::exit_table::named("transient"));
  EXPECT_EQ(all.services.at("c")->budget.count, 2u);
}

TEST(definition_test, the_same_files_say_the_same_in_any_order) {
  std::vector<definition_file> files = {
    {"b.lua", "service \"x\" { exec = {\"x\"}, env = {A=1,B=2,C=3,D=4} }"},
    {"a.lua", "service \"y\" { exce = {\"x\"}, dirr = \"/\", usr = \"x\" }"},
    {"c.lua", "service \"z\" {"},
  };
  auto first = evaluate(files);
  std::reverse(files.begin(), files.end());
  auto second = evaluate(files);
  EXPECT_EQ(told(first.errors), told(second.errors));
  EXPECT_EQ(first.bad, second.bad);
  EXPECT_EQ(*first.services.at("x"), *second.services.at("x"));
}

// -- errors --------------------------------------------------------------------

TEST(definition_test, all_errors_are_told_each_with_its_line) {
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

TEST(definition_test, what_is_wrong_is_said_in_words) {
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
  EXPECT_EQ(error_of("dir = \"/a\\0b\""),
            "dir contains a zero byte: \"/a\\x00b\"");
}

TEST(definition_test, a_regular_expression_is_compiled) {
  auto text = error_of("match = \"web(\"");
  EXPECT_TRUE(text.starts_with("match: ")) << text;
  EXPECT_EQ(with("match = \"^web {i}\"").match, "^web {i}");
}

TEST(definition_test, exec_is_checked_word_by_word) {
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

TEST(definition_test, the_exit_table_is_checked_row_by_row) {
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

TEST(definition_test, spent_and_backoff_are_checked) {
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

TEST(definition_test, instances_must_not_share_files) {
  EXPECT_EQ(error_of("count = 2, pidfile = \"/run/web.pid\""),
            "pidfile must contain {i}, because the instances cannot share a "
            "file");
  EXPECT_EQ(error_of("count = 2, log = {file = \"/log/web\"}"),
            "log must contain {i}, because the instances cannot share a "
            "file");
}

TEST(definition_test, q11_a_daemon_is_known_by_its_pidfile_or_its_looks) {
  auto x = with("daemon = {pidfile = \"/run/nginx.pid\"}, match = \"^nginx\"");
  ASSERT_TRUE(x.daemon);
  EXPECT_EQ(*x.daemon, (supervision::daemon_settings{"/run/nginx.pid", ""}));
  EXPECT_EQ(x.match, "^nginx");
  x = with("daemon = {match = \"^/opt/legacyd\"}");
  EXPECT_EQ(*x.daemon, (supervision::daemon_settings{"", "^/opt/legacyd"}));
  EXPECT_FALSE(with("count = 1").daemon);
  EXPECT_TRUE(with("count = 2, daemon = {pidfile = \"/run/{i}\"}").daemon);
}

TEST(definition_test, daemons_that_make_no_sense_are_refused) {
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

TEST(definition_test, known_words_that_do_nothing_yet_say_so) {
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

TEST(definition_test, reload_is_a_signal_or_a_command) {
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

TEST(definition_test, names_follow_the_rule) {
  EXPECT_EQ(errors("service \"we b\" { exec = {\"x\"} }"),
            "a.lua:1: \"we b\" is not a name: it must begin with a letter or "
            "digit and go on with letters, digits, \"_\", \".\" or \"-\"\n");
  EXPECT_EQ(errors("service \"Wait\" { exec = {\"x\"} }"),
            "a.lua:1: \"Wait\" is a word of the commands: take another "
            "name\n");
  EXPECT_EQ(errors("service { exec = {\"x\"} }"),
            "a.lua:1: a service needs a name: write service \"name\" {…}\n");
}

TEST(definition_test, a_service_without_a_table_is_told) {
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

TEST(definition_test, keys_that_belong_elsewhere_are_told) {
  EXPECT_EQ(errors("policy { dir = \"/\", buget = 1 }\n"
                   "defaults { exec = {\"x\"}, match = \"x\" }"),
            "a.lua:1: policy: dir makes no sense in a policy\n"
            "a.lua:1: policy: there is no key \"buget\" (did you mean "
            "\"budget\"?)\n"
            "a.lua:2: defaults: exec makes no sense in defaults\n"
            "a.lua:2: defaults: match makes no sense in defaults\n");
}

TEST(definition_test, errors_of_a_policy_are_told_once) {
  EXPECT_EQ(errors("local p = policy { budget = 1 }\n"
                   "service \"a\" { exec = {\"x\"}, policy = p }\n"
                   "service \"b\" { exec = {\"x\"}, policy = p }"),
            "a.lua:1: policy: budget must be a text such as \"5/30s\", or "
            "false for no limit, not 1\n");
}

TEST(definition_test, a_name_defined_twice_names_both_places) {
  auto all = evaluate({{"a.lua", "\nservice \"web\" { exec = {\"a\"} }"},
                       {"b.lua", "service \"web\" { exec = {\"b\"} }"},
                       {"c.lua", "service \"db\" { exec = {\"c\"} }"}});
  EXPECT_EQ(told(all.errors), "b.lua:1: service \"web\" is defined twice: here "
                              "and in a.lua:2\n");
  EXPECT_EQ(all.bad, (std::set<std::string>{"a.lua", "b.lua"}));
  EXPECT_EQ(all.services.size(), 1u);
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_test, two_services_cannot_have_one_file) {
  auto keys = std::string{"exec = {\"x\"}, pidfile = \"/p\", log = {file = "
                          "\"/l\"}"};
  EXPECT_EQ(
    errors("service \"a\" {" + keys + "}\nservice \"b\" {" + keys + "}"),
    "a.lua:2: log file /l is used twice: here and in a.lua:1\n"
    "a.lua:2: pidfile /p is used twice: here and in a.lua:1\n");
}

TEST(definition_test, what_is_too_long_for_linux_is_told_with_its_line) {
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

TEST(definition_test, what_is_too_long_together_is_told) {
  auto text = errors("local x = string.rep(\"x\", 100000)\n"
                     "service \"big\" {\n  exec = {\"true\", x, x, x, x, x},\n"
                     "  env = {A = x, B = x, C = x, D = x, E = x, F = x},\n"
                     "  stop = {\"false\"},\n}");
  EXPECT_EQ(text, "a.lua:3: service \"big\": exec: Argument list too long: "
                  "arguments and environment have 1100124 bytes, at most "
                  "1048576 together\n");
}

TEST(definition_test, users_and_groups_are_looked_up_if_somebody_can) {
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

TEST(definition_test, whoever_may_mean_a_group_of_the_machine_is_told) {
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

TEST(definition_test, what_only_root_may_do_is_refused_to_others) {
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

// -- bad files -----------------------------------------------------------------

TEST(definition_test, a_bad_file_leaves_the_others_alone) {
  auto all = evaluate({{"a.lua", "service \"web\" { exec = {\"x\"} "},
                       {"b.lua", "service \"db\" { exec = {\"x\"} }"}});
  EXPECT_EQ(told(all.errors), "a.lua:1: '}' expected near <eof>\n");
  EXPECT_EQ(all.bad, (std::set<std::string>{"a.lua"}));
  EXPECT_EQ(all.files, (std::set<std::string>{"a.lua", "b.lua"}));
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_test, nothing_of_a_bad_file_is_taken) {
  auto all = read("service \"a\" { exec = {\"x\"} }\n"
                  "service \"b\" { exec = 5 }");
  EXPECT_TRUE(all.services.empty());
}

TEST(definition_test, a_lua_error_has_its_line) {
  EXPECT_EQ(errors("\n\nerror \"no luck\""), "a.lua:3: no luck\n");
  EXPECT_EQ(errors("local x = nil + 1"),
            "a.lua:1: attempt to perform arithmetic on a nil value\n");
  EXPECT_EQ(errors("service \"a\" { exec = {\"x\"}, dirr = 1 }\n"
                   "error {}"),
            "a.lua:1: service \"a\": there is no key \"dirr\" (did you mean "
            "\"dir\"?)\n"
            "a.lua:2: (error object is a table value)\n");
}

TEST(definition_test, a_misspelt_word_is_named) {
  EXPECT_EQ(errors("\nservce \"web\" {}"),
            "a.lua:2: there is no \"servce\" here (did you mean "
            "\"service\"?)\n");
  EXPECT_EQ(errors("service \"web\" { exec = {prog} }"),
            "a.lua:1: there is no \"prog\" here\n");
  EXPECT_EQ(errors("every(\"5s\", print)"),
            "a.lua:1: there is no \"every\" here: it belongs to scripts, "
            "definitions only say what is wanted\n");
  EXPECT_EQ(errors("os.execute(\"x\")"),
            "a.lua:1: there is no \"os\" here: definitions only compute; exec "
            "and before run programs\n");
}

TEST(definition_test, the_sandbox_has_no_way_out) {
  for (std::string word : {"os", "io", "require", "debug", "package", "load",
                           "loadstring", "dofile", "loadfile"})
    EXPECT_TRUE(errors("return " + word)
                  .starts_with("a.lua:1: there is no \"" + word + "\" here"))
      << word << ": " << errors("return " + word);
}

TEST(definition_test, an_endless_loop_is_an_error_of_its_file) {
  definition_options options;
  options.allowed = {1'000'000, 0s};
  auto all = evaluate({{"a.lua", "local x = 1\nwhile true do end"},
                       {"b.lua", "service \"db\" { exec = {\"x\"} }"}},
                      options);
  EXPECT_EQ(told(all.errors),
            "a.lua:2: the file takes too long: it ran for 1000000 instructions "
            "without a pause\n");
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_test, a_memory_bomb_is_an_error_of_its_file) {
  definition_options options;
  options.memory = 4u << 20;
  auto all = evaluate({{"a.lua", "\n\nlocal t = {} for i = 1, 1e9 do t[i] = "
                                 "{i} end"},
                       {"b.lua", "service \"db\" { exec = {\"x\"} }"}},
                      options);
  EXPECT_EQ(told(all.errors),
            "a.lua:3: the file needs more than 4mb of memory\n");
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_test, every_error_that_ends_a_file_has_its_line) {
  // What no clock saw before: the first look at it is the last.
  auto hungry = [](std::size_t memory) {
    definition_options options;
    options.memory = memory;
    return options;
  };
  auto all = evaluate({{"a.lua", "\nlocal t = {}\nfor i = 1, 200 do\nt[i] = "
                                 "string.rep(\"x\", 100000) .. i end"}},
                      hungry(4u << 20));
  EXPECT_EQ(told(all.errors),
            "a.lua:4: the file needs more than 4mb of memory\n");
  EXPECT_EQ(errors("\n\nlocal x = string.rep(\"a\", 40)\n"
                   "x:find(string.rep(\"a*\", 40) .. \"b\")"),
            "a.lua:4: the pattern takes too many steps; anchor it, or use "
            "fewer of `.-` and `.*`\n");
  EXPECT_EQ(errors("\nerror({})"),
            "a.lua:2: (error object is a table value)\n");
  EXPECT_EQ(errors("\n\nerror(\"no\", 0)"), "a.lua:3: no\n");
  EXPECT_EQ(errors("\nlocal function f() error() end\nf()"), "a.lua:2: nil\n");
}

TEST(definition_test, errors_of_a_long_path_have_their_line) {
  auto path = "/" + std::string(100, 'd') + "/a.lua";
  for (auto text : {"\nx =", "\nlocal x = nil + 1"}) {
    auto all = evaluate({{path, text}}, {});
    ASSERT_EQ(all.errors.size(), 1u);
    EXPECT_EQ(all.errors[0].where.line, 2);
    EXPECT_EQ(all.errors[0].text.find("ddd"), std::string::npos)
      << all.errors[0].text;
  }
}

TEST(definition_test, a_gibibyte_of_text_is_an_error) {
  EXPECT_EQ(errors("local s = string.rep(\"x\", 2^30)"),
            "a.lua:1: resulting string too large\n");
}

TEST(definition_test, huge_tables_are_errors) {
  EXPECT_EQ(errors("local t = {} for i = 1, 20000 do t[i] = \"x\" end\n"
                   "service \"a\" { exec = t }"),
            "a.lua:2: service \"a\": it has more than 10000 values\n");
  EXPECT_EQ(errors("local t = {} t.exec = t\nservice \"a\" (t)"),
            "a.lua:2: service \"a\": its tables are more than 10 deep\n");
  EXPECT_EQ(errors("local s = string.rep(\"x\", 131071)\n"
                   "for i = 1, 20 do service(\"a\" .. i) { exec = {s, s, s, "
                   "s, s, s, s} } end"),
            "a.lua:2: service \"a19\": it has too much text\n"
            "a.lua:2: service \"a20\": it has too much text\n");
}

TEST(definition_test, a_flood_of_errors_is_cut) {
  auto all = read("for i = 1, 150 do service(\"a\" .. i) { x = 1, "
                  "exec = {\"x\"} } end");
  EXPECT_EQ(all.errors.size(), 101u);
  EXPECT_EQ(to_string(all.errors.front()), "a.lua: 50 more errors");
}

TEST(definition_test, strange_keys_are_told) {
  EXPECT_EQ(errors("service \"a\" { [true] = 1 }"),
            "a.lua:1: service \"a\": it has a key that is neither a name nor "
            "a whole number\n");
  EXPECT_EQ(errors("service \"a\" { [1.5] = 1 }"),
            "a.lua:1: service \"a\": it has a key that is neither a name nor "
            "a whole number\n");
}

} // namespace
} // namespace saker::lua
