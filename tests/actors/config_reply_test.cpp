#include "actors/config_reply.hpp"

#include "supervision/plan.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include <sys/resource.h>

namespace saker {
namespace {

using namespace supervision;
using texts = std::vector<std::string>;

class config_reply_test : public testing::Test {
protected:
  config_reply_test() {
    one.name = "web";
    one.exec = {"run", "--port", "80{i}", "--token=abc"};
    one.env = {{"DB_PASSWORD", "hunter2"}, {"MODE", "a{i}"}};
    one.where = {"web.lua", 3};
    how.state_dir = "/s";
  }

  std::string at(std::string_view key) const {
    auto all = config_map(one, how);
    auto found = all.find(key);
    return found ? to_string(*found) : "no such key";
  }

  service one;
  config_view how;
};

TEST_F(config_reply_test, tells_every_key_that_can_differ) {
  auto other = one;
  other.exec = {"x"};
  other.count = 2;
  other.autostart = other.no_new_privs = true;
  one.autostart = false;
  other.dir = other.user = other.input = other.pidfile = other.match = "x";
  other.groups = other.supplementary_groups = other.env_file = {"x"};
  other.umask = 1;
  other.env = {};
  other.inherit_env.all = true;
  other.limits = {{RLIMIT_NOFILE, 1, 2}};
  other.nice = 1;
  other.oom = 1;
  other.cpus = {0};
  other.exit = *exit_table::named("temporary");
  other.budget.count = 9;
  other.spent.what = spent_rule::action::fatal;
  other.backoff.factor = 9;
  other.start_timeout = other.max_age.after = std::chrono::seconds{1};
  other.stop = *parse_ladder("INT 1s KILL");
  other.kill = kill_scope::leader;
  other.reload = reload_rule{1, {}};
  other.when = {std::chrono::seconds{1}, calendar{"x", {}},
                schedule::overlap_rule::kill};
  other.before.commands = other.after.commands = other.on_failed.commands
    = {{"x"}};
  other.listen = {{"", "unix:/x", 1, 1, ""}};
  other.daemon = daemon_settings{"/x", ""};
  other.log.reset();
  auto keys = compare(one, other);
  EXPECT_EQ(keys.size(), 37u);
  for (auto& x : keys)
    EXPECT_NE(at(x.key), "no such key") << x.key;
  EXPECT_EQ(at("where"), "\"web.lua:3\"");
}

TEST_F(config_reply_test, shows_the_host_of_a_url_to_all) {
  one.on_failed = {{}, std::chrono::seconds{10}, "http://a:8080/hook?key=x"};
  EXPECT_EQ(at("on_failed"),
            R"({"url": "http://a:8080/***", "within": "10s"})");
  how.secrets = true;
  EXPECT_EQ(at("on_failed"),
            R"({"url": "http://a:8080/hook?key=x", "within": "10s"})");
  how.secrets = false;
  one.on_failed.url = "https://a/hook";
  EXPECT_EQ(at("on_failed"), R"({"url": "https://a/***", "within": "10s"})");
}

TEST_F(config_reply_test, tells_how_a_daemon_is_known) {
  EXPECT_EQ(at("daemon"), to_string(resp::value{}));
  one.daemon = daemon_settings{"/run/x{i}.pid", ""};
  EXPECT_EQ(at("daemon"), R"({"pidfile": "/run/x{i}.pid"})");
  how.index = 1;
  EXPECT_EQ(at("daemon"), R"({"pidfile": "/run/x1.pid"})");
  one.daemon = daemon_settings{"", "^x"};
  EXPECT_EQ(at("daemon"), R"({"match": "^x"})");
}

TEST_F(config_reply_test, hides_secrets_from_all_but_admins) {
  EXPECT_EQ(at("env"), R"({"DB_PASSWORD": "***", "MODE": "a{i}"})");
  EXPECT_EQ(at("exec"), R"(["run", "--port", "80{i}", "--token=***"])");
  how.secrets = true;
  EXPECT_EQ(at("env"), R"({"DB_PASSWORD": "hunter2", "MODE": "a{i}"})");
  EXPECT_EQ(at("exec"), R"(["run", "--port", "80{i}", "--token=abc"])");
}

TEST_F(config_reply_test, hides_secrets_in_commands_for_a_shell_and_to_stop) {
  one.exec = {"/bin/sh", "-c", "PASS=x run"};
  one.shell = true;
  one.stop = command_ladder({"ctl", "--key", "x", "stop"});
  EXPECT_EQ(at("exec"), "\"PASS=*** run\"");
  EXPECT_EQ(at("stop"), R"(["ctl", "--key", "***", "stop"])");
  how.secrets = true;
  EXPECT_EQ(at("exec"), "\"PASS=x run\"");
  EXPECT_EQ(at("stop"), R"(["ctl", "--key", "x", "stop"])");
}

TEST_F(config_reply_test, hides_them_in_every_key_and_in_the_text) {
  const texts command{
    "run",          "--password",        "s3cr3t",
    "TOKEN=s3cr3t", "redis://:s3cr3t@h", "sh -c 'API_KEY=s3cr3t x'"};
  one.exec = command;
  one.env = {{"PASSWORD", "s3cr3t"}, {"DATABASE_URL", "pg://u:s3cr3t@h/d"}};
  one.file_env = {{"MY_SECRET", "s3cr3t"},
                  {"CACHE", "redis://:s3cr3t@h"},
                  {"MORE", R"({"password":"s3cr3t"} --key s3cr3t)"}};
  one.stop = command_ladder(command);
  one.reload = reload_rule{0, command};
  one.before = {{command, command}, std::chrono::seconds{1}};
  one.after = {{command}, std::chrono::seconds{1}};
  one.on_failed = {{command}, std::chrono::seconds{1}};
  auto everything = [this] {
    auto text = to_string(config_map(one, how));
    for (auto& line : config_text(one, how))
      (text += line) += '\n';
    return text;
  };
  auto shown = everything();
  EXPECT_EQ(shown.find("s3cr3t"), shown.npos) << shown;
  EXPECT_NE(shown.find("pg://u:***@h/d"), shown.npos) << shown;
  how.secrets = true;
  EXPECT_NE(everything().find("pg://u:s3cr3t@h/d"), shown.npos);
}

TEST_F(config_reply_test, tells_the_rarer_keys_as_they_are_written) {
  one.env_file = {"-/etc/env"};
  one.file_env = {{"MODE", "of the file"}, {"A_KEY", "x"}};
  one.limits = {{RLIMIT_NOFILE, 1, 1}, {RLIMIT_CORE, 0, RLIM_INFINITY}};
  one.cpus = {0, 2};
  one.reload = reload_rule{SIGHUP, {}};
  one.max_age = {std::chrono::hours{1}, 0.5};
  one.when.every = std::chrono::minutes{5};
  one.before = {{{"a", "--token", "x"}}, std::chrono::seconds{7}};
  one.listen = {{"http", "127.0.0.1:80", 511, 0660, ""}};
  EXPECT_EQ(at("env"), R"({"A_KEY": "***", "DB_PASSWORD": "***", "MODE": )"
                       R"("of the file"})");
  EXPECT_EQ(at("env_file"), R"(["-/etc/env"])");
  EXPECT_EQ(at("limits"), R"({"nofile": 1, "core": [0, "unlimited"]})");
  EXPECT_EQ(at("cpus"), "[0, 2]");
  EXPECT_EQ(at("reload"), "\"SIGHUP\"");
  EXPECT_EQ(at("max_age"), R"({"after": "1h", "jitter": 0.5})");
  EXPECT_EQ(at("every"), "\"5m\"");
  EXPECT_EQ(at("overlap"), "\"skip\"");
  EXPECT_EQ(at("before"),
            R"({"commands": [["a", "--token", "***"]], "within": "7s"})");
  EXPECT_EQ(at("listen"), R"([{"address": "127.0.0.1:80", "name": "http", )"
                          R"("backlog": 511, "mode": "660", "group": null}])");
  one.reload = reload_rule{0, {"ctl", "--key=x"}};
  EXPECT_EQ(at("reload"), R"(["ctl", "--key=***"])");
}

TEST_F(config_reply_test, is_of_one_instance_or_of_all) {
  one.count = 2;
  one.counted = true;
  EXPECT_EQ(config_map(one, how).find("log")->find("file")->text(),
            "/s/log/web:{i}.log");
  how.index = 1;
  EXPECT_EQ(at("exec"), R"(["run", "--port", "801", "--token=***"])");
  EXPECT_EQ(at("env"), R"({"DB_PASSWORD": "***", "MODE": "a1"})");
  EXPECT_EQ(config_map(one, how).find("log")->find("file")->text(),
            "/s/log/web:1.log");
  EXPECT_EQ(at("count"), "2");
}

TEST_F(config_reply_test, is_lua_for_eyes) {
  how.index = 0;
  EXPECT_EQ(
    config_text(one, how),
    (texts{"service \"web\" {  -- web.lua:3",
           R"(  exec          = {"run", "--port", "800", "--token=***"},)",
           R"(  autostart     = true,)", R"(  dir           = "/",)",
           R"(  umask         = "022",)", R"(  stdin         = "/dev/null",)",
           R"(  env           = {["DB_PASSWORD"] = "***", ["MODE"] = "a0"},)",
           R"(  inherit_env   = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", )"
           R"("LANG"},)",
           R"(  nice          = 0,)", R"(  no_new_privs  = false,)",
           R"(  exit          = {["*"] = "restart", ["exec"] = "fatal"},)",
           R"(  budget        = "5/30s",)", R"(  spent         = "rest 5m",)",
           R"(  backoff       = {["first"] = "200ms", ["cap"] = "1m", )"
           R"(["x"] = 2, ["jitter"] = 0.25, ["reset"] = "10m"},)",
           R"(  start_timeout = "30s",)",
           R"(  stop          = "TERM 10s KILL",)",
           R"(  kill          = "tree",)",
           R"(  log           = {["file"] = "/s/log/web.log", ["size"] = )"
           R"("10M", ["keep"] = 5, ["split"] = false, ["full"] = "drop"},)",
           "}"}));
}

} // namespace
} // namespace saker
