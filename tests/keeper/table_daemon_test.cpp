#include "tests/keeper/table_fixture.hpp"

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;
using link::row_state;

class daemon_table_test : public table_fixture {
protected:
  static process::identity process(pid_t pid, std::uint64_t start = 500) {
    process::identity who;
    who.pid = pid;
    who.start_time = start;
    return who;
  }

  static link::adopt wish(std::string key, std::uint64_t id) {
    link::adopt x;
    x.key = std::move(key);
    x.spawn_id = id;
    x.stop = "QUIT";
    x.kill = link::kill_mode::leader;
    return x;
  }

  /// Its program, pid 100, is about to go into the background.
  entry& launching(std::string key, std::uint64_t id) {
    auto x = request(std::move(key), id);
    x.kind = link::child_class::daemon;
    auto row = uut.start(x, 1s);
    EXPECT_TRUE(row);
    uut.forked(**row, process(100), 2s);
    uut.confirmed(**row);
    return **row;
  }

  errc refusal(const link::adopt& what, const process::identity& who) {
    auto x = uut.adopt(what, who);
    return x ? errc::none : x.error().code;
  }
};

TEST_F(daemon_table_test, is_sought_when_its_program_has_left) {
  auto& row = launching("d#0", 5);
  EXPECT_EQ(row.state, row_state::spawning);
  uut.left(row, end(0));
  EXPECT_EQ(row.state, row_state::seeking);
  EXPECT_TRUE(row.living());
  EXPECT_FALSE(row.has_process());
  ASSERT_TRUE(uut.adopt(wish("d#0", 5), process(120)));
  EXPECT_EQ(row.state, row_state::running);
  EXPECT_EQ(row.who.pid, 120);
  EXPECT_EQ(row.started, 5s); // 500 ticks
  EXPECT_EQ(row.stop, "HUP"); // as it was started
  EXPECT_EQ(uut.living(), 1u);
}

TEST_F(daemon_table_test, goes_on_as_another_process) {
  auto& row = launching("d#0", 5);
  uut.left(row, end(0));
  ASSERT_TRUE(uut.adopt(wish("d#0", 5), process(120)));
  uut.left(row, end(7));
  EXPECT_EQ(row.end.number, 7);
  ASSERT_TRUE(uut.adopt(wish("d#0", 5), process(130)));
  EXPECT_EQ(row.who.pid, 130);
  EXPECT_EQ(row.end.number, 0);
}

TEST_F(daemon_table_test, ends_if_nobody_follows) {
  auto& row = launching("d#0", 5);
  uut.left(row, end(0));
  uut.leader_ended(row);
  EXPECT_EQ(row.state, row_state::ending);
  EXPECT_EQ(refusal(wish("d#0", 5), process(120)), errc::busy);
  uut.over(row, end(0));
  EXPECT_EQ(refusal(wish("d#0", 6), process(120)), errc::busy); // no ACK yet
}

TEST_F(daemon_table_test, may_stay_what_it_was) {
  auto& row = launching("d#0", 5);
  EXPECT_EQ(refusal(wish("d#0", 5), process(120)), errc::busy);
  EXPECT_EQ(refusal(wish("d#0", 5), process(100, 9)), errc::busy);
  EXPECT_EQ(row.state, row_state::spawning);
  EXPECT_TRUE(uut.adopt(wish("d#0", 5), process(100)));
  EXPECT_EQ(row.state, row_state::running);
  EXPECT_EQ(refusal(wish("d#0", 5), process(120)), errc::busy);
}

TEST_F(daemon_table_test, may_have_been_there_before) {
  auto row = uut.adopt(wish("d#0", 3), process(120));
  ASSERT_TRUE(row);
  EXPECT_EQ((*row)->kind, link::child_class::daemon);
  EXPECT_EQ((*row)->state, row_state::running);
  EXPECT_EQ((*row)->spawn_id, 3u);
  EXPECT_EQ((*row)->stop, "QUIT");
  EXPECT_EQ((*row)->kill, link::kill_mode::leader);
  EXPECT_EQ((*row)->output, link::output_mode::none);
  EXPECT_EQ(uut.last_spawn_id(), 3u);
  EXPECT_EQ(uut.living(), 1u);
}

TEST_F(daemon_table_test, a_process_belongs_to_one_row) {
  running("web#0", 1); // pid 100
  process::identity same;
  same.pid = 100;
  EXPECT_EQ(refusal(wish("d#0", 3), same), errc::refused);
  EXPECT_EQ(state("d#0"), none);
}

TEST_F(daemon_table_test, no_other_kind_and_no_other_number_is_adopted) {
  running("web#0", 1);
  EXPECT_EQ(refusal(wish("web#0", 1), process(120)), errc::already_exists);
  uut.left(*uut.find("web#0"), end(0)); // no daemon
  EXPECT_EQ(state("web#0"), row_state::running);
  auto& row = launching("d#0", 5);
  uut.left(row, end(0));
  EXPECT_EQ(refusal(wish("d#0", 6), process(120)), errc::already_exists);
  ASSERT_TRUE(uut.note("old#0", "n"));
  uut.find("old#0")->spawn_id = 9;
  EXPECT_EQ(refusal(wish("old#0", 9), process(120)), errc::refused);
}

TEST_F(daemon_table_test, a_later_keeper_knows_whether_its_program_has_left) {
  auto& row = launching("d#0", 5);
  uut.adopted(row, process(100));
  EXPECT_EQ(row.state, row_state::spawning);
  uut.left(row, {});
  ASSERT_TRUE(uut.adopt(wish("d#0", 5), process(120)));
  EXPECT_FALSE(row.adopted);
  uut.adopted(row, process(120));
  EXPECT_EQ(row.state, row_state::running);
}

} // namespace
} // namespace saker::keeper
