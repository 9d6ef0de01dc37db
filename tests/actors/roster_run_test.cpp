#include "tests/support/scaled_world.hpp"

#include <csignal>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

class roster_run_test : public test::scaled_world {
protected:
  void run(std::vector<std::string> words = {"SVRUN", "job", "make", "all"}) {
    later(std::move(words), [this] { confirm_all(); });
  }

  inventory holding(link::row_state how) {
    inventory held;
    link::row row;
    row.key = "job#0";
    row.spawn_id = 7;
    row.state = how;
    row.started = link::stamp{1};
    note kept;
    kept.at = state::running;
    kept.wanted_up = true;
    kept.ready = true;
    kept.spawn_id = 7;
    kept.started = time_point{1s};
    row.note = encode(kept, time_point{2s}, links->boot_offset);
    if (how == link::row_state::running)
      row.pid = 4711;
    held.children.push_back({row, nullptr});
    return held;
  }

  setting remembered() {
    return {setting::topic::command,      "job", 0, 0, "amy", 1,
            std::string{"make\0all\0", 9}};
  }
};

TEST_F(roster_run_test, runs_a_command_as_a_service) {
  begin({});
  run();
  ASSERT_EQ(reply.items().size(), 1u);
  EXPECT_EQ(row(0), "job 0 running, pid 101");
  auto rows = say({"SVSTATUS", "job"});
  EXPECT_EQ(rows.items()[0].find("where")->text(), "SVRUN by amy@here");
  ASSERT_EQ(journal.set.size(), 1u);
  EXPECT_EQ(journal.set[0].text, remembered().text);
  EXPECT_TRUE(journal.wanted.empty()); // another boot does not start it
}

TEST_F(roster_run_test, shows_how_it_ended_until_it_is_stopped) {
  begin({});
  run();
  keeper.exit("job#0", 3);
  settle();
  EXPECT_EQ(state_of("job"), "failed");
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_FALSE(say({"SVSTOP", "job"}).is_error());
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  EXPECT_NE(
    std::find(journal.forgotten.begin(), journal.forgotten.end(), "job"),
    journal.forgotten.end());
}

TEST_F(roster_run_test, is_gone_when_it_was_stopped_and_has_ended) {
  begin({});
  run();
  say({"SVSTOP", "job"});
  EXPECT_EQ(state_of("job"), "stopping");
  keeper.die("job#0", SIGTERM);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
}

TEST_F(roster_run_test, is_gone_when_it_was_dropped_and_has_ended) {
  begin({});
  run();
  say({"SVDROP", "job"});
  EXPECT_EQ(state_of("job"), "running");
  keeper.exit("job#0", 0);
  settle();
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
}

TEST_F(roster_run_test, runs_once_more_when_it_has_ended) {
  begin({});
  run();
  EXPECT_EQ(say({"SVRUN", "job", "ls"}).text().substr(0, 30),
            "ERR \"job\" has not ended yet: t");
  keeper.exit("job#0", 0);
  settle();
  EXPECT_EQ(state_of("job"), "done");
  run({"SVRUN", "job", "ls"});
  EXPECT_EQ(row(0), "job 0 running, pid 102");
  EXPECT_EQ(keeper.spawns, 2);
}

TEST_F(roster_run_test, numbered_takes_the_next_free_name) {
  auto db = make_service("db");
  begin({db});
  run({"SVRUN", "job", "--numbered", "sleep", "1"});
  EXPECT_EQ(row(0), "job 0 running, pid 102");
  run({"SVRUN", "job", "--numbered", "sleep", "2"});
  EXPECT_EQ(row(0), "job-2 0 running, pid 103");
  run({"SVRUN", "db", "--numbered", "sleep", "3"});
  EXPECT_EQ(row(0), "db-2 0 running, pid 104");
  keeper.exit("job#0", 0);
  settle();
  run({"SVRUN", "job", "--numbered", "sleep", "4"});
  EXPECT_EQ(row(0), "job 0 running, pid 105");
  EXPECT_EQ(journal.set.back().name, "job");
}

TEST_F(roster_run_test, numbered_does_not_start_what_has_that_pidfile_twice) {
  begin({});
  run({"SVRUN", "job", "--numbered", "--pidfile", "/run/a.pid", "--", "x"});
  EXPECT_EQ(
    say({"SVRUN", "job", "--numbered", "--pidfile", "/run/a.pid", "--", "x"})
      .text()
      .substr(0, 30),
    "ERR \"job\" has not ended yet: t");
  run({"SVRUN", "job", "--numbered", "--pidfile", "/run/b.pid", "--", "x"});
  EXPECT_EQ(row(0), "job-2 0 running, pid 102");
}

TEST_F(roster_run_test, does_not_take_the_name_of_a_service) {
  auto db = make_service("db");
  db->where = {"db.lua", 3};
  begin({db});
  EXPECT_EQ(say({"SVRUN", "db", "ls"}).text(),
            "ERR there is a service \"db\" already, in db.lua:3: take another "
            "name");
  EXPECT_TRUE(say({"SVRUN", "a:1", "ls"}).is_error());
  EXPECT_EQ(say({"SVRUN", "a@n2", "ls"}).text().substr(0, 6), "NONODE");
  EXPECT_TRUE(say({"SVSCALE", "db", "1"}).items().size() == 1);
}

TEST_F(roster_run_test, goes_on_in_the_next_node) {
  begin({}, holding(link::row_state::running), {}, {remembered()});
  EXPECT_EQ(state_of("job"), "running");
  EXPECT_TRUE(keeper.signals.empty());
  auto rows = say({"SVSTATUS", "job"});
  EXPECT_EQ(*rows.items()[0].find("pid")->integer(), 4711);
  EXPECT_TRUE(say({"SVSCALE", "job", "2"}).is_error());
}

TEST_F(roster_run_test, is_forgotten_where_nothing_of_it_is_left) {
  begin({}, holding(link::row_state::idle), {}, {remembered()});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  EXPECT_EQ(keeper.spawns, 0);
  EXPECT_EQ(journal.forgotten.front(), "job");
}

TEST_F(roster_run_test, an_apply_leaves_it_alone_unless_it_defines_it) {
  begin({});
  run();
  definitions.next.services = {};
  auto x = say({"SVAPPLY"});
  EXPECT_EQ(x.find("remove")->items().size(), 0u);
  EXPECT_EQ(state_of("job"), "running");
  auto job = make_service("job");
  job->exec = {"make", "all"};
  definitions.next.services = {{"job", job}};
  x = say({"SVAPPLY"});
  EXPECT_EQ(x.find("live")->items().size(), 1u);
  EXPECT_EQ(keeper.spawns, 1);
  say({"SVSTOP", "job"});
  keeper.die("job#0", SIGTERM);
  settle();
  EXPECT_EQ(state_of("job"), "stopped"); // it is defined, and stays
}

TEST_F(roster_run_test,
       starts_nothing_that_descriptors_will_not_be_enough_for) {
  begin_with(2);
  descriptors = 90;
  clients = 86;
  auto refused = say({"SVSCALE", "web", "3"});
  EXPECT_EQ(refused.text().substr(0, 50),
            "ERR 3 instances and 86 clients need 92 descriptors");
  EXPECT_NE(refused.text().find("LimitNOFILE"), std::string::npos);
  EXPECT_EQ(say({"SVRUN", "job", "ls"}).text(), refused.text());
  EXPECT_TRUE(say({"SVSTATUS", "job"}).is_error());
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_TRUE(journal.set.empty());
  clients = 100; // what is too much already may become less
  EXPECT_FALSE(say({"SVSCALE", "web", "1"}).is_error());
}

} // namespace
} // namespace saker
