#include "tests/support/supervisor_world.hpp"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

class supervisor_hooks_test : public test::supervisor_world {
protected:
  /// The key of the only hook that runs; its child lives.
  std::string running(const std::string& which) {
    for (auto& [key, child] : keeper.living)
      if (key.starts_with(which + ":")) {
        if (child.pid == 0)
          keeper.confirm(key);
        settle();
        return key;
      }
    ADD_FAILURE() << "no " << which << " runs";
    return {};
  }

  bool runs(const std::string& which) const {
    for (auto& [key, _] : keeper.living)
      if (key.starts_with(which + ":"))
        return true;
    return false;
  }

  /// The last SPAWN of such a hook.
  link::spawn order(const std::string& which) const {
    link::spawn found;
    for (auto& x : keeper.heard)
      if (auto spawn = std::get_if<link::spawn>(&x);
          spawn && spawn->key.starts_with(which + ":"))
        found = *spawn;
    return found;
  }

  static std::string variable(const link::spawn& x, const std::string& name) {
    for (auto& y : x.what.env)
      if (y.starts_with(name + "="))
        return y.substr(name.size() + 1);
    return "none";
  }

  /// As `running`, with a pipe for its output.
  std::string talking(const std::string& which) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    mouth.reset(ends[1]);
    std::vector<unique_fd> ear;
    ear.emplace_back(ends[0]);
    for (auto& [key, child] : keeper.living)
      if (key.starts_with(which + ":") && child.pid == 0) {
        keeper.confirm(key, std::move(ear));
        settle();
        return key;
      }
    ADD_FAILURE() << "no " << which << " runs";
    return {};
  }

  void say(std::string_view text) {
    EXPECT_EQ(::write(mouth.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    settle();
  }

  /// What the log got so far.
  std::string logged_lines() const {
    std::string all;
    for (auto& x : disk.added) {
      EXPECT_EQ(x.key, "web#0");
      EXPECT_EQ(x.file, "/var/lib/saker/log/web.log");
      all += x.text;
    }
    return all;
  }

  unique_fd mouth; ///< of a command

  void exit(const std::string& key, int code) {
    keeper.exit(key, code);
    settle();
  }
};

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

// -- what they put out --------------------------------------------------------

TEST_F(supervisor_hooks_test, their_lines_go_to_the_log_as_they_come) {
  web->before.commands = {{"/bin/a"}};
  web->exit.set("3", {decision::action::fatal, {}});
  begin();
  auto key = talking("before");
  say("one\ntw");
  EXPECT_EQ(logged_lines(), "[before] one\n");
  say("o\nno newline");
  EXPECT_FALSE(keeper.living.contains("web#0"));
  keeper.exit(key, 3);
  settle();
  EXPECT_EQ(logged_lines(),
            "[before] one\n[before] two\n[before] no newline\n");
  EXPECT_EQ(now().reason, "before /bin/a: exit 3; last output: no newline");
}

TEST_F(supervisor_hooks_test,
       who_asked_for_the_start_gets_its_last_words_once) {
  web->before.commands = {{"/bin/a"}};
  web->autostart = false;
  web->exit.set("3", {decision::action::fatal, {}});
  disk.last_line = "[before] no database";
  begin();
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               any_event{event::start{{"amy", 1}, 0, {}}});
  settle();
  auto key = talking("before");
  say("no database\n");
  keeper.exit(key, 3);
  settle();
  ASSERT_TRUE(self->has_next_message());
  pending.receive(
    [](const verdict& x) {
      EXPECT_EQ(x.text, "before /bin/a: exit 3; last output: no database");
    },
    [](const caf::error&) { FAIL(); });
}

TEST_F(supervisor_hooks_test, what_a_command_wrote_last_is_read_after_its_end) {
  web->after.commands = {{"/bin/a"}};
  run();
  keeper.exit("web#0", 7);
  settle();
  auto key = talking("after");
  EXPECT_EQ(::write(mouth.get(), "bye\n", 4), 4);
  keeper.exit(key, 0);
  settle();
  EXPECT_EQ(logged_lines(), "[after] bye\n");
}

TEST_F(supervisor_hooks_test, a_command_that_floods_is_cut_and_told_so) {
  web->before.commands = {{"/bin/a"}};
  begin();
  auto key = talking("before");
  std::string line(1023, 'x');
  line += '\n';
  for (auto i = 0; i < 1100; ++i)
    say(line);
  keeper.exit(key, 0);
  settle();
  auto all = logged_lines();
  EXPECT_LE(all.size(), (std::size_t{1} << 20) + 100);
  EXPECT_TRUE(all.ends_with("x\n[before] saker: it wrote more than 1 MiB; the "
                            "rest is left out\n"));
}

TEST_F(supervisor_hooks_test, stop_and_reload_commands_are_logged_too) {
  web->stop = command_ladder({"/bin/bye"});
  web->reload = {{0, {"/bin/again"}}};
  run();
  self->send(uut, atom::call_v, any_event{event::reload{}});
  settle();
  auto key = talking("reload");
  say("read it\n");
  keeper.exit(key, 0);
  settle();
  self->send(uut, atom::call_v, any_event{event::stop{{}, 0, {}}});
  settle();
  key = talking("stop");
  advance(1h); // nobody but the ladder is in a hurry
  say("stopped it\n");
  keeper.exit(key, 0);
  settle();
  EXPECT_EQ(logged_lines(), "[reload] read it\n[stop] stopped it\n");
}

TEST_F(supervisor_hooks_test, without_a_log_only_listeners_get_their_lines) {
  web->log.reset();
  web->before.commands = {{"/bin/a"}};
  begin();
  auto key = talking("before");
  say("hello\n");
  ASSERT_EQ(disk.added.size(), 1u);
  EXPECT_EQ(disk.added[0].file, "");
  EXPECT_EQ(disk.added[0].text, "[before] hello\n");
  keeper.exit(key, 0);
  settle();
}

TEST_F(supervisor_hooks_test, the_last_words_are_not_those_of_after) {
  web->on_failed.commands = {{"/bin/mail"}};
  web->exit.set("*", {decision::action::fatal, {}});
  disk.last_line = "no database\n[after] one\n[after] two";
  run();
  keeper.die("web#0", SIGSEGV);
  settle();
  EXPECT_EQ(variable(order("on_failed"), "SAKER_LAST_LINE"), "no database");
  exit(running("on_failed"), 0);
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
