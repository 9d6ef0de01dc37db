#include "tests/support/hooks_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using supervisor_hooks_test = test::hooks_world;

TEST_F(supervisor_hooks_test, run_as_the_service_one_after_the_other) {
  web->before.commands = {{"/bin/a"}, {"/bin/b", "x"}};
  web->user = "www";
  web->dir = "/srv";
  begin();
  EXPECT_FALSE(keeper.living.contains("web#0"));
  auto first = order("before");
  EXPECT_EQ(first.kind, link::child_class::job);
  EXPECT_EQ(first.what.argv, (std::vector<std::string>{"/bin/a"}));
  EXPECT_EQ(first.what.user, "www");
  EXPECT_EQ(first.what.dir, "/srv");
  EXPECT_EQ(variable(first, "SAKER_NAME"), "web");
  EXPECT_EQ(variable(first, "SAKER_HOOK"), "before");
  exit(running("before"), 0);
  EXPECT_EQ(order("before").what.argv,
            (std::vector<std::string>{"/bin/b", "x"}));
  exit(running("before"), 0);
  EXPECT_TRUE(keeper.living.contains("web#0"));
}

TEST_F(supervisor_hooks_test, a_before_that_fails_leaves_out_the_rest) {
  web->before.commands = {{"/bin/a"}, {"/bin/b"}};
  web->exit.set("3", {decision::action::fatal, {}});
  begin();
  exit(running("before"), 3);
  EXPECT_EQ(order("before").what.argv.front(), "/bin/a");
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().reason, "before /bin/a: exit 3");
}

TEST_F(supervisor_hooks_test, a_before_that_is_not_there_fails_as_exec_does) {
  web->before.commands = {{"/bin/a"}};
  begin();
  keeper.fail_start(keeper.living.begin()->first, "exec", ENOENT, "/bin/a");
  settle();
  EXPECT_EQ(now().last.what, cause::kind::exec);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().reason.find("before /bin/a: exec /bin/a: No such file"), 0u)
    << now().reason;
}

TEST_F(supervisor_hooks_test, a_before_without_memory_is_tried_again_later) {
  web->before.commands = {{"/bin/a"}};
  begin();
  keeper.fail_start(keeper.living.begin()->first, "fork", EAGAIN, "/bin/a");
  settle();
  EXPECT_EQ(now().last.what, cause::kind::resources);
  EXPECT_EQ(now().at, state::backoff);
}

TEST_F(supervisor_hooks_test, a_before_that_takes_too_long_is_killed) {
  web->before = {{{"/bin/a"}}, 5s};
  web->exit.set("timeout", {decision::action::fatal, {}});
  begin();
  auto key = running("before");
  advance(5s);
  EXPECT_EQ(keeper.signals.back(), (std::pair{key, SIGKILL}));
  keeper.die(key, SIGKILL);
  settle();
  EXPECT_EQ(now().last.what, cause::kind::timeout);
  EXPECT_NE(now().reason.find("it took too long and was killed"),
            std::string::npos)
    << now().reason;
}

TEST_F(supervisor_hooks_test, a_stop_kills_before) {
  web->before.commands = {{"/bin/a"}, {"/bin/b"}};
  begin();
  auto key = running("before");
  self->send(uut, atom::call_v, any_event{event::stop{{}, 0, {}}});
  settle();
  EXPECT_EQ(now().at, state::stopping);
  EXPECT_EQ(keeper.signals.back(), (std::pair{key, SIGKILL}));
  keeper.die(key, SIGKILL);
  settle();
  EXPECT_EQ(now().at, state::stopped);
  EXPECT_TRUE(keeper.living.empty());
}

TEST_F(supervisor_hooks_test, after_is_told_how_it_ended_and_may_fail) {
  web->after.commands = {{"/bin/a"}, {"/bin/b"}};
  run();
  keeper.exit("web#0", 7);
  settle();
  auto what = order("after");
  EXPECT_EQ(variable(what, "SAKER_CAUSE"), "exit 7");
  EXPECT_EQ(variable(what, "SAKER_CODE"), "7");
  EXPECT_EQ(variable(what, "SAKER_SIGNAL"), "none");
  exit(running("after"), 1);
  EXPECT_EQ(warnings, (std::vector<std::string>{"web: after /bin/a: exit 1"}));
  exit(running("after"), 0);
  EXPECT_EQ(keeper.spawns, 4); // web, two commands, web again
}

TEST_F(supervisor_hooks_test, on_failed_is_told_the_last_line) {
  web->on_failed.commands = {{"/bin/mail"}};
  web->exit.set("*", {decision::action::fatal, {}});
  disk.last_line = "no database";
  run();
  keeper.die("web#0", SIGSEGV);
  settle();
  EXPECT_EQ(now().at, state::failed);
  auto what = order("on_failed");
  EXPECT_EQ(variable(what, "SAKER_HOOK"), "on_failed");
  EXPECT_EQ(variable(what, "SAKER_NODE"), "n1");
  EXPECT_EQ(variable(what, "SAKER_CAUSE"), "SIGSEGV");
  EXPECT_EQ(variable(what, "SAKER_SIGNAL"), "SIGSEGV");
  EXPECT_EQ(variable(what, "SAKER_CODE"), "none");
  EXPECT_EQ(variable(what, "SAKER_LAST_LINE"), "no database");
  EXPECT_EQ(variable(what, "SAKER_REASON").find("SIGSEGV after"), 0u);
  exit(running("on_failed"), 0);
  EXPECT_EQ(now().at, state::failed);
}

TEST_F(supervisor_hooks_test, on_failed_tells_a_server_of_the_event) {
  web->on_failed.url = "http://127.0.0.1:80{i}0/hook?key=x";
  web->on_failed.within = 10s;
  web->exit.set("*", {decision::action::fatal, {}});
  post_result = fail(errc::refused, "127.0.0.1:8000 answers 500 Oops");
  run();
  keeper.die("web#0", SIGSEGV);
  settle();
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(keeper.spawns, 1); // no command
  ASSERT_EQ(posted.size(), 1u);
  EXPECT_EQ(posted[0].to.authority, "127.0.0.1:8000");
  EXPECT_EQ(posted[0].to.target, "/hook?key=x");
  EXPECT_EQ(posted[0].until, coordinator().clock().now() + 10s);
  ASSERT_EQ(event_names().back(), "failed");
  EXPECT_EQ(posted[0].json, events.back().second);
  EXPECT_EQ(warnings, (std::vector<std::string>{
                        "web: on_failed: 127.0.0.1:8000 answers 500 Oops"}));
}

TEST_F(supervisor_hooks_test, a_server_that_was_told_is_not_mentioned) {
  web->on_failed.url = "http://localhost/";
  web->exit.set("*", {decision::action::fatal, {}});
  run();
  keeper.exit("web#0", 3);
  settle();
  EXPECT_EQ(posted.size(), 1u);
  EXPECT_TRUE(warnings.empty());
}

} // namespace
} // namespace saker
