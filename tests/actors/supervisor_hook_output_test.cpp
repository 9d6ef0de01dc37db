#include "tests/support/hooks_world.hpp"

#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using supervisor_hooks_test = test::hooks_world;

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

} // namespace
} // namespace saker
