#include "actors/config_reply.hpp"

#include "supervision/plan.hpp"

#include <gtest/gtest.h>

#include <csignal>

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
  other.autostart = false;
  other.dir = other.user = other.pidfile = other.match = "x";
  other.groups = other.supplementary_groups = {"x"};
  other.umask = 1;
  other.env = {};
  other.inherit_env.all = true;
  other.exit = *exit_table::named("temporary");
  other.budget.count = 9;
  other.spent.what = spent_rule::action::fatal;
  other.backoff.factor = 9;
  other.start_timeout = std::chrono::seconds{1};
  other.stop = *parse_ladder("INT 1s KILL");
  other.kill = kill_scope::leader;
  other.reload = {{SIGHUP, {}}};
  other.log.reset();
  auto keys = compare(one, other);
  EXPECT_EQ(keys.size(), 21u);
  for (auto& x : keys)
    EXPECT_NE(at(x.key), "no such key") << x.key;
  EXPECT_EQ(at("where"), "\"web.lua:3\"");
}

TEST_F(config_reply_test, tells_how_it_is_reloaded_as_it_is_written) {
  EXPECT_EQ(at("reload"), "null");
  one.reload = {{SIGHUP, {}}};
  EXPECT_EQ(at("reload"), "\"HUP\"");
  one.reload = {{0, {"ctl", "--token=abc"}}};
  EXPECT_EQ(at("reload"), R"(["ctl", "--token=***"])");
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
           R"(  umask         = "022",)",
           R"(  env           = {["DB_PASSWORD"] = "***", ["MODE"] = "a0"},)",
           R"(  inherit_env   = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", )"
           R"("LANG"},)",
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
