#include "tests/support/supervisor_world.hpp"

#include <algorithm>
#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

class daemon_test : public test::supervisor_world {
protected:
  daemon_test() {
    web->daemon.emplace();
    web->daemon->pidfile = "/run/web.pid";
    web->user = "www";
  }

  /// Its program has left.
  void launch() {
    begin();
    settle();
    keeper.confirm("web#0");
    settle();
    keeper.leave("web#0");
    settle();
  }

  /// … and its process, pid 55, is known.
  void bring_up() {
    launch();
    search.shows("/run/web.pid", 55);
    advance(1s);
    ASSERT_EQ(now().at, state::running);
    events.clear();
    keeper.signals.clear();
  }
};

TEST_F(daemon_test, t_c2_runs_as_the_process_that_its_pidfile_names) {
  launch();
  advance(1s);
  EXPECT_EQ(now().at, state::starting);
  search.shows("/run/web.pid", 55);
  advance(1s);
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 55);
  EXPECT_EQ(keeper.spawns, 1);
  ASSERT_EQ(keeper.adopted.size(), 1u);
  EXPECT_EQ(keeper.adopted[0].start_time, 155u);
  EXPECT_EQ(keeper.adopted[0].needs, link::proof::none);
  EXPECT_EQ(search.asked[0],
            (process::daemon_rule{
              "/run/web.pid", "", "www", {{"/bin/web"}, "/", "/bin"}}));
  EXPECT_EQ(event_names(),
            (std::vector<std::string>{"starting", "running", "ready"}));
  auto asked = search.asked.size();
  advance(60s);
  EXPECT_EQ(search.asked.size(), asked); // nobody looks without a reason
}

TEST_F(daemon_test, one_that_runs_already_is_not_started_twice) {
  search.shows("/run/web.pid", 55);
  begin();
  advance(1s);
  EXPECT_EQ(keeper.spawns, 0);
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 55);
  EXPECT_EQ(event_names(), (std::vector<std::string>{"starting", "adopted",
                                                     "running", "ready"}));
  EXPECT_TRUE(std::any_of(logged.begin(), logged.end(), [](auto& x) {
    return x.find("found running: pid 55") != x.npos;
  }));
}

TEST_F(daemon_test, a_forged_pidfile_points_at_nobody) {
  search.shows("/run/web.pid", 1234, false);
  search.seen["/run/web.pid"].text = "others than root could have written that";
  begin();
  settle();
  EXPECT_TRUE(keeper.adopted.empty());
  EXPECT_EQ(keeper.spawns, 1);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("others than root"), std::string::npos);
  keeper.confirm("web#0");
  settle();
  keeper.refuse_next_adopt = fail(errc::refused, "no kin");
  keeper.leave("web#0");
  settle();
  EXPECT_EQ(now().at, state::starting);
  // The same file, and now the keeper says that it descends from the service.
  advance(1s);
  ASSERT_EQ(keeper.adopted.size(), 1u);
  EXPECT_EQ(keeper.adopted[0].needs, link::proof::kin);
  EXPECT_EQ(now().at, state::running);
}

TEST_F(daemon_test, one_that_does_not_come_up_is_ended_and_says_why) {
  search.seen["/run/web.pid"].text = "/run/web.pid: no such file";
  web->exit.set("*", {decision::action::fatal, {}});
  launch();
  advance(29s);
  EXPECT_EQ(now().at, state::starting);
  advance(2s);
  EXPECT_EQ(keeper.signals.back(), (std::pair<std::string, int>{"web#0", 9}));
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().last.what, cause::kind::timeout);
  EXPECT_EQ(now().reason,
            "its daemon was not found: /run/web.pid: no such file");
}

TEST_F(daemon_test, a_program_that_fails_is_judged_as_any_other) {
  web->exit.set("*", {decision::action::fatal, {}});
  begin();
  settle();
  keeper.confirm("web#0");
  settle();
  keeper.exit("web#0", 7);
  advance(1s);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().last, cause::exited(7));
  auto asked = search.asked.size();
  advance(60s);
  EXPECT_EQ(search.asked.size(), asked);
}

TEST_F(daemon_test, several_that_could_be_it_are_left_alone) {
  web->daemon = daemon_settings{"", "^web"};
  search.seen["^web"].what = process::finding::kind::several;
  search.seen["^web"].text = "match \"^web\" fits 2 processes";
  begin();
  settle();
  EXPECT_EQ(keeper.spawns, 0);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_NE(now().reason.find("fits 2 processes"), std::string::npos);
}

TEST_F(daemon_test, one_that_is_replaced_is_followed_without_a_restart) {
  bring_up();
  search.shows("/run/web.pid", 77);
  keeper.leave("web#0", 0);
  settle();
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 77);
  EXPECT_EQ(now().restarts, 0u);
  EXPECT_EQ(event_names(), std::vector<std::string>{"adopted"});
  EXPECT_TRUE(keeper.signals.empty());
}

TEST_F(daemon_test, its_end_is_judged_once_nobody_has_followed) {
  bring_up();
  search.seen["/run/web.pid"] = {};
  keeper.leave("web#0", 3);
  settle();
  EXPECT_EQ(now().at, state::running); // not yet
  advance(150ms);
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_EQ(now().last, cause::exited(3));
  EXPECT_EQ(event_names()[0], "exit");
}

TEST_F(daemon_test, t_c1_whom_it_does_not_follow_is_named) {
  bring_up();
  auto& seen = search.seen["/run/web.pid"];
  seen.what = process::finding::kind::refused;
  seen.text = "/run/web.pid names pid 77 (root: cron)";
  keeper.leave("web#0", 3);
  settle();
  advance(150ms);
  EXPECT_EQ(warnings,
            (std::vector<std::string>{
              "web: has ended, and this is not followed: /run/web.pid names "
              "pid 77 (root: cron)",
              // and it is started anew
              "web: not adopted, and started: /run/web.pid names pid 77 (root: "
              "cron)"}));
}

TEST_F(daemon_test, a_wanted_end_is_not_followed) {
  bring_up();
  search.shows("/run/web.pid", 77);
  tell(uut, atom::change_v, any_event{event::stop{}});
  EXPECT_EQ(keeper.signals[0], (std::pair<std::string, int>{"web#0", SIGTERM}));
  keeper.leave("web#0");
  settle();
  EXPECT_EQ(now().at, state::stopped);
  EXPECT_EQ(keeper.adopted.size(), 1u);
}

TEST_F(daemon_test, a_new_node_goes_on_with_the_search) {
  launch();
  beginning how;
  how.definition = web;
  how.memory.wanted_up = true;
  how.memory.kept = *decode(keeper.notes.at("web#0"), links->boot_offset);
  how.memory.present = memory::child::spawning;
  how.memory.spawn_id = keeper.last_spawn_id;
  how.held = link::row_state::seeking;
  search.shows("/run/web.pid", 55);
  caf::anon_send_exit(uut, caf::exit_reason::kill); // the old one
  settle();
  begin(std::move(how));
  advance(1s);
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 55);
  EXPECT_EQ(keeper.spawns, 1);
}

TEST_F(daemon_test, a_new_node_looks_who_followed_meanwhile) {
  bring_up();
  auto kept = *decode(keeper.notes.at("web#0"), links->boot_offset);
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  settle();
  keeper.living.at("web#0").seeking = true;
  beginning how;
  how.definition = web;
  how.memory.wanted_up = true;
  how.memory.kept = kept;
  how.memory.present = memory::child::spawning;
  how.memory.spawn_id = kept.spawn_id;
  how.held = link::row_state::seeking;
  search.shows("/run/web.pid", 78);
  begin(std::move(how));
  settle();
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 78);
}

using undeclared_daemon_test = test::supervisor_world;

TEST_F(undeclared_daemon_test,
       t_c2_one_that_went_into_the_background_is_named) {
  run();
  keeper.tell_orphan("web#0", 99);
  keeper.exit("web#0", 0);
  advance(90ms);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_NE(now().reason.find("daemonised"), std::string::npos);
  EXPECT_NE(now().reason.find("declare daemon = "), std::string::npos);
}

} // namespace
} // namespace saker
