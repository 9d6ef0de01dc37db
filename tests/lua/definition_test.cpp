#include "lua/definition.hpp"

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

} // namespace
} // namespace saker::lua
