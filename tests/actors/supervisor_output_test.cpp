#include "tests/support/supervisor_world.hpp"

#include <algorithm>
#include <csignal>

#include <unistd.h>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

class supervisor_output_test : public test::supervisor_world {
protected:
  /// Its child has lived for a second; what it wrote is not in the file.
  void die_while_the_disk_hangs() {
    run();
    advance(1s);
    events.clear();
    disk.hangs = true;
    keeper.die("web#0", SIGKILL);
    settle();
  }
};

// -- the last output ----------------------------------------------------------

TEST_F(supervisor_output_test, tells_of_an_end_when_its_output_is_in_the_file) {
  die_while_the_disk_hangs();
  EXPECT_EQ(disk.finished, (std::vector<std::string>{"web#0"}));
  EXPECT_EQ(keeper.spawns, 2) << "the restart waits for the disk";
  keeper.confirm("web#0");
  settle();
  EXPECT_EQ(now().at, state::running);
  EXPECT_TRUE(events.empty());
  tell(disk_actor, atom::tick_v);
  EXPECT_EQ(event_names(),
            (std::vector<std::string>{"exit", "starting", "running", "ready"}));
}

TEST_F(supervisor_output_test, does_not_wait_long_for_the_output) {
  die_while_the_disk_hangs();
  advance(supervisor_state::output_patience - 1ms);
  EXPECT_TRUE(events.empty());
  advance(1ms);
  EXPECT_EQ(event_names(), (std::vector<std::string>{"exit", "starting"}));
  keeper.confirm("web#0");
  settle();
  EXPECT_EQ(event_names().back(), "ready") << "later ones wait again";
  tell(disk_actor, atom::tick_v);
  EXPECT_EQ(events.size(), 4u);
}

TEST_F(supervisor_output_test, waits_for_the_output_of_each_end) {
  die_while_the_disk_hangs();
  advance(100ms);
  keeper.confirm("web#0");
  keeper.die("web#0", SIGKILL);
  settle();
  advance(supervisor_state::output_patience - 100ms);
  auto told = event_names();
  EXPECT_EQ(std::count(told.begin(), told.end(), "exit"), 1);
  EXPECT_EQ(told.back(), "ready");
  tell(disk_actor, atom::tick_v);
  told = event_names();
  EXPECT_EQ(std::count(told.begin(), told.end(), "exit"), 2);
}

TEST_F(supervisor_output_test, answers_when_the_output_is_in_the_file) {
  run();
  disk.hangs = true;
  auto pending = self->request(
    uut, caf::infinite, atom::call_v,
    any_event{event::stop{{"amy", 1}, 0, std::chrono::seconds{10}}});
  settle();
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_FALSE(self->has_next_message());
  tell(disk_actor, atom::tick_v);
  ASSERT_TRUE(self->has_next_message());
  pending.receive([](const verdict& x) { EXPECT_EQ(x.code, outcome::done); },
                  [](const caf::error&) { FAIL(); });
}

TEST_F(supervisor_output_test, waits_for_no_output_where_none_is_logged) {
  web->log.reset();
  die_while_the_disk_hangs();
  EXPECT_EQ(event_names(), (std::vector<std::string>{"exit", "starting"}));
  EXPECT_TRUE(disk.finished.empty());
}

TEST_F(supervisor_output_test, forgets_its_instance_after_it_told_of_the_end) {
  run();
  events.clear();
  disk.hangs = true;
  tell(uut, atom::change_v, any_event{event::remove{{"apply", 1}}});
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_TRUE(record.forgotten.empty());
  advance(supervisor_state::output_patience);
  auto told = event_names();
  EXPECT_EQ(std::count(told.begin(), told.end(), "exit"), 1);
  EXPECT_EQ(record.forgotten, (std::vector<std::string>{"web#0"}));
  tell(disk_actor, atom::tick_v);
}

TEST_F(supervisor_output_test, says_where_its_output_goes) {
  run();
  EXPECT_EQ(channels, (test::output_channels{{"web#0", "log:n1:web"}}));
  auto counted = std::make_shared<service>(*web);
  counted->counted = true;
  tell(uut, atom::change_v, any_event{event::change{counted, false}});
  EXPECT_EQ(channels, (test::output_channels{{"web#0", "log:n1:web:0"}}));
  auto silent = std::make_shared<service>(*web);
  silent->log.reset();
  tell(uut, atom::change_v, any_event{event::change{silent, false}});
  EXPECT_TRUE(channels.empty());
  auto hooked = std::make_shared<service>(*silent);
  hooked->before.commands = {{"/bin/a"}};
  tell(uut, atom::change_v, any_event{event::change{hooked, false}});
  EXPECT_EQ(channels, (test::output_channels{{"web#0", "log:n1:web"}}));
}

TEST_F(supervisor_output_test, treats_a_refused_spawn_as_a_failed_start) {
  keeper.refuse_next_spawn = fail(errc::already_exists, "web#0 lives");
  begin();
  EXPECT_NE(now().at, state::running);
  EXPECT_NE(now().at, state::starting);
}

TEST_F(supervisor_output_test, climbs_the_ladder_of_a_stop) {
  run();
  auto answer = ask<verdict>(uut, atom::call_v,
                             any_event{event::stop{{"amy", 1}, 0, {}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, outcome::done);
  EXPECT_EQ(now().at, state::stopping);
  advance(9999ms);
  auto kills = [this] {
    return std::count(keeper.signals.begin(), keeper.signals.end(),
                      std::pair{std::string{"web#0"}, SIGKILL});
  };
  EXPECT_EQ(kills(), 0);
  advance(1ms);
  EXPECT_EQ(kills(), 1);
  keeper.die("web#0", SIGKILL);
  settle();
  EXPECT_EQ(now().at, state::stopped);
}

TEST_F(supervisor_output_test, goes_on_after_the_node_was_killed) {
  run();
  advance(1s);
  auto note = keeper.notes.at("web#0");
  auto pid = keeper.last_pid;
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  settle();
  events.clear();
  beginning how;
  how.definition = web;
  how.memory.kept = *decode(note, links->boot_offset);
  how.memory.present = memory::child::running;
  how.memory.spawn_id = keeper.last_spawn_id;
  how.memory.pid = static_cast<std::int32_t>(pid);
  begin(std::move(how));
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, pid);
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_TRUE(events.empty());
}

TEST_F(supervisor_output_test, tells_an_end_that_came_while_the_node_was_dead) {
  run();
  advance(1s);
  auto note = keeper.notes.at("web#0");
  auto id = keeper.last_spawn_id;
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  settle();
  keeper.living.clear();
  events.clear();
  beginning how;
  how.definition = web;
  how.memory.kept = *decode(note, links->boot_offset);
  how.memory.present = memory::child::ended;
  how.memory.spawn_id = id;
  link::end_record end;
  end.kind = link::end_kind::exited;
  end.number = 3;
  how.end = link::ended{"web#0", id, link::stamp{1}, end};
  begin(std::move(how));
  auto names = event_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "exit"), 1);
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_EQ(keeper.acknowledged.back(), (std::pair{std::string{"web#0"}, id}));
}

TEST_F(supervisor_output_test,
       says_when_the_child_is_not_what_match_describes) {
  keeper.last_pid = ::getpid() - 1; // the child is this test
  web->match = "actors_tests";
  run();
  advance(1s);
  EXPECT_EQ(warnings.size(), 0u);
  auto other = std::make_shared<service>(*web);
  other->match = "^nginx: master";
  tell(uut, atom::change_v, any_event{event::change{other, true}});
  keeper.die("web#0", SIGTERM);
  settle();
  keeper.last_pid = ::getpid() - 1;
  keeper.confirm("web#0");
  settle();
  EXPECT_EQ(warnings.size(), 0u); // a wrapper may still become the program
  advance(1s);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].find("web: pid " + std::to_string(::getpid())), 0u);
  EXPECT_NE(warnings[0].find("match describes: ^nginx: master"),
            std::string::npos);
}

TEST_F(supervisor_output_test, ends_when_its_instance_is_removed) {
  run();
  tell(uut, atom::change_v, any_event{event::remove{{"apply", 1}}});
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_EQ(record.forgotten, (std::vector<std::string>{"web#0"}));
  EXPECT_FALSE(keeper.clients.contains("web#0"));
}

TEST_F(supervisor_output_test, passes_on_that_the_exit_table_wants_the_end) {
  web->exit.set("9", {decision::action::shutdown, {}});
  run();
  advance(1s);
  keeper.exit("web#0", 9);
  settle();
  ASSERT_EQ(record.stopped.size(), 1u);
  EXPECT_EQ(record.stopped[0], 9);
}

} // namespace
} // namespace saker
