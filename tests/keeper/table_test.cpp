#include "keeper/table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;
using link::row_state;

class table_test : public testing::Test {
protected:
  static link::spawn request(std::string key, std::uint64_t id) {
    link::spawn x;
    x.key = std::move(key);
    x.spawn_id = id;
    x.stop = "HUP";
    x.what.user = "www";
    return x;
  }

  entry& started(std::string key, std::uint64_t id) {
    auto row = uut.start(request(std::move(key), id), 1s);
    EXPECT_TRUE(row);
    return **row;
  }

  entry& running(std::string key, std::uint64_t id) {
    auto& row = started(std::move(key), id);
    process::identity who;
    who.pid = 100;
    uut.forked(row, who, 2s);
    uut.confirmed(row);
    return row;
  }

  entry& exited(std::string key, std::uint64_t id) {
    auto& row = running(std::move(key), id);
    uut.leader_ended(row);
    uut.over(row, end(3));
    return row;
  }

  static link::end_record end(int number) {
    link::end_record x;
    x.kind = link::end_kind::exited;
    x.number = number;
    return x;
  }

  row_state state(std::string_view key) {
    auto row = uut.find(key);
    return row ? row->state : row_state{99};
  }

  static constexpr row_state none{99};

  table uut;
};

TEST_F(table_test, a_child_goes_from_queued_to_exited) {
  auto& row = started("web#0", 5);
  EXPECT_EQ(row.state, row_state::queued);
  EXPECT_EQ(row.who.pid, 0);
  process::identity who;
  who.pid = 7;
  uut.forked(row, who, 2s);
  EXPECT_EQ(row.state, row_state::spawning);
  EXPECT_EQ(row.started, 2s);
  uut.confirmed(row);
  EXPECT_EQ(row.state, row_state::running);
  uut.leader_ended(row);
  EXPECT_EQ(row.state, row_state::ending);
  EXPECT_TRUE(row.living());
  EXPECT_TRUE(uut.over(row, end(3)));
  EXPECT_EQ(row.state, row_state::exited);
  EXPECT_EQ(row.end.number, 3);
  uut.acknowledge("web#0", 5);
  EXPECT_EQ(state("web#0"), none);
}

TEST_F(table_test, a_start_that_fails_is_exited_at_once) {
  auto& queued = started("a#0", 1);
  uut.over(queued, {});
  EXPECT_EQ(state("a#0"), row_state::exited);
  auto& forked = started("b#0", 2);
  uut.forked(forked, {}, 2s);
  uut.over(forked, {});
  EXPECT_EQ(state("b#0"), row_state::exited);
}

TEST_F(table_test, every_other_pair_changes_nothing) {
  auto& row = started("a#0", 1);
  uut.confirmed(row); // not forked
  uut.leader_ended(row);
  EXPECT_EQ(row.state, row_state::queued);
  auto& over = exited("b#0", 2);
  uut.over(over, end(9));
  uut.leader_ended(over);
  EXPECT_EQ(over.end.number, 3);
  EXPECT_EQ(over.state, row_state::exited);
  uut.acknowledge("a#0", 1);
  uut.acknowledge("nobody#0", 1);
  EXPECT_EQ(state("a#0"), row_state::queued);
}

TEST_F(table_test, one_living_child_per_key) {
  running("web#0", 1);
  auto second = uut.start(request("web#0", 2), 1s);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::already_exists);
  EXPECT_EQ(uut.living(), 1u);
  EXPECT_EQ(uut.find("web#0")->spawn_id, 1u);
}

TEST_F(table_test, an_end_must_be_acknowledged_before_the_next_start) {
  exited("web#0", 1);
  auto early = uut.start(request("web#0", 2), 1s);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, errc::busy);
  uut.acknowledge("web#0", 2); // another one
  EXPECT_EQ(state("web#0"), row_state::exited);
  uut.acknowledge("web#0", 1);
  EXPECT_TRUE(uut.start(request("web#0", 2), 1s));
}

TEST_F(table_test, spawn_ids_of_one_key_grow) {
  ASSERT_TRUE(uut.note("a#0", "n"));
  exited("a#0", 10);
  uut.acknowledge("a#0", 10);
  for (auto id : {10, 9, 0}) {
    auto x = uut.start(request("a#0", id), 1s);
    ASSERT_FALSE(x);
    EXPECT_EQ(x.error().code, errc::refused);
  }
  EXPECT_EQ(state("a#0"), row_state::idle);
  started("a#0", 11);
  EXPECT_EQ(uut.last_spawn_id(), 11u);
}

TEST_F(table_test, starts_of_different_keys_may_overtake_each_other) {
  started("a#0", 10);
  started("b#0", 9);
  EXPECT_EQ(uut.last_spawn_id(), 10u);
  EXPECT_FALSE(uut.start(request("c#0", 0), 1s));
}

TEST_F(table_test, a_note_keeps_its_row_until_forget) {
  ASSERT_TRUE(uut.note("web#0", "n"));
  EXPECT_EQ(state("web#0"), row_state::idle);
  exited("web#0", 1);
  uut.acknowledge("web#0", 1);
  EXPECT_EQ(state("web#0"), row_state::idle);
  EXPECT_EQ(uut.find("web#0")->note, "n");
  auto gone = uut.forget("web#0");
  ASSERT_TRUE(gone);
  EXPECT_TRUE(*gone);
  EXPECT_EQ(state("web#0"), none);
  gone = uut.forget("web#0");
  ASSERT_TRUE(gone);
  EXPECT_FALSE(*gone);
}

TEST_F(table_test, an_empty_note_is_none) {
  ASSERT_TRUE(uut.note("a#0", ""));
  EXPECT_EQ(state("a#0"), none);
  ASSERT_TRUE(uut.note("a#0", "n"));
  ASSERT_TRUE(uut.note("a#0", ""));
  EXPECT_EQ(state("a#0"), none);
  running("b#0", 1);
  ASSERT_TRUE(uut.note("b#0", ""));
  EXPECT_EQ(state("b#0"), row_state::running);
}

TEST_F(table_test, forget_is_refused_while_a_child_lives) {
  running("a#0", 1);
  auto x = uut.forget("a#0");
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::refused);
  exited("b#0", 2);
  EXPECT_TRUE(uut.forget("b#0"));
  EXPECT_EQ(state("b#0"), none);
}

TEST_F(table_test, an_end_that_was_told_and_not_seen_is_remembered) {
  auto& a = exited("a#0", 1);
  auto& b = exited("b#0", 2);
  EXPECT_FALSE(uut.oldest_unseen()); // nobody was told
  uut.told(b, 20s);
  uut.told(a, 10s);
  EXPECT_EQ(uut.oldest_unseen(), 10s);
  uut.seen("a#0", 99); // another spawn
  EXPECT_EQ(uut.oldest_unseen(), 10s);
  uut.seen("a#0", 1);
  uut.seen("a#0", 1);
  EXPECT_EQ(uut.oldest_unseen(), 20s);
  uut.acknowledge("b#0", 2); // includes SEEN
  EXPECT_FALSE(uut.oldest_unseen());
  uut.told(a, 30s); // a second LIST
  EXPECT_FALSE(uut.oldest_unseen());
}

TEST_F(table_test, forgetting_an_unseen_end_ends_the_wait) {
  uut.told(exited("a#0", 1), 10s);
  EXPECT_TRUE(uut.forget("a#0"));
  EXPECT_FALSE(uut.oldest_unseen());
  uut.told(exited("b#0", 2), 10s);
  EXPECT_EQ(uut.oldest_unseen(), 10s);
}

TEST_F(table_test, what_one_node_saw_the_next_must_see_again) {
  auto& a = exited("a#0", 1);
  uut.told(a, 10s);
  uut.seen("a#0", 1);
  uut.told(exited("b#0", 2), 10s);
  uut.node_gone();
  EXPECT_FALSE(uut.oldest_unseen());
  uut.told(a, 50s);
  EXPECT_EQ(uut.oldest_unseen(), 50s);
}

TEST_F(table_test, jobs_go_with_their_node) {
  auto job = [&](const char* key, std::uint64_t id) -> entry& {
    auto x = request(key, id);
    x.kind = link::child_class::job;
    auto row = uut.start(x, 1s);
    EXPECT_TRUE(row);
    return **row;
  };
  job("alive#0", 1);
  uut.told(job("queued#0", 2), 3s);
  auto& over = job("over#0", 3);
  uut.over(over, end(1));
  running("service#0", 4);
  EXPECT_EQ(uut.node_gone(), (std::vector<std::string>{"alive#0", "queued#0"}));
  EXPECT_EQ(state("over#0"), none);
  EXPECT_EQ(state("service#0"), row_state::running);
  EXPECT_FALSE(uut.over(*uut.find("alive#0"), end(9))); // no record is kept
  EXPECT_EQ(state("alive#0"), none);
  EXPECT_EQ(uut.living(), 2u);
}

// -- daemons ------------------------------------------------------------------

class daemon_table_test : public table_test {
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

TEST_F(table_test, says_which_slots_must_be_written) {
  auto& row = started("a#0", 1);
  auto slot = row.slot;
  EXPECT_GE(slot, 1u);
  auto what = uut.take_changes();
  EXPECT_EQ(what.slots, std::vector{slot});
  EXPECT_TRUE(what.header);
  EXPECT_EQ(uut.in_slot(slot), &row);
  what = uut.take_changes();
  EXPECT_TRUE(what.slots.empty());
  EXPECT_FALSE(what.header);
  uut.forked(row, {}, 2s);
  uut.confirmed(row);
  EXPECT_EQ(uut.take_changes().slots, std::vector{slot});
  uut.over(row, {});
  uut.acknowledge("a#0", 1);
  EXPECT_EQ(uut.take_changes().slots, std::vector{slot});
  EXPECT_EQ(uut.in_slot(slot), nullptr);
  EXPECT_EQ(uut.in_slot(0), nullptr);
  EXPECT_EQ(uut.in_slot(4711), nullptr);
}

TEST_F(table_test, slots_are_used_again) {
  for (std::uint64_t i = 1; i < 1000; ++i) {
    EXPECT_LE(started("a#0", i).slot, 2u);
    uut.over(*uut.find("a#0"), {});
    uut.acknowledge("a#0", i);
  }
}

TEST_F(table_test, an_image_is_put_back_where_it_was) {
  entry x;
  x.key = "web#0";
  x.state = row_state::running;
  x.spawn_id = 41;
  x.slot = 7;
  EXPECT_TRUE(uut.restore(x));
  EXPECT_EQ(uut.living(), 1u);
  EXPECT_EQ(uut.last_spawn_id(), 41u);
  uut.restore_last_spawn_id(40);
  EXPECT_EQ(uut.last_spawn_id(), 41u);
  EXPECT_FALSE(uut.restore(x)); // the key is taken
  x.key = "other#0";
  EXPECT_FALSE(uut.restore(x)); // the slot is taken
  x.slot = 0;
  EXPECT_FALSE(uut.restore(x)); // the header's
  x.slot = 3;
  EXPECT_TRUE(uut.restore(x));
  std::set<std::uint32_t> slots{3, 7};
  for (std::uint64_t i = 42; i < 52; ++i)
    EXPECT_TRUE(
      slots.insert(started("n" + std::to_string(i) + "#0", i).slot).second);
}

TEST_F(table_test, an_adopted_row_runs_whatever_it_was) {
  for (auto was : {row_state::queued, row_state::spawning, row_state::running,
                   row_state::ending}) {
    table rows;
    entry x;
    x.key = "a#0";
    x.state = was;
    x.slot = 1;
    x.kind = link::child_class::job;
    ASSERT_TRUE(rows.restore(x));
    process::identity who;
    who.pid = 5;
    auto& row = *rows.find("a#0");
    rows.adopted(row, who);
    EXPECT_EQ(row.state, row_state::running);
    EXPECT_TRUE(row.adopted);
    EXPECT_TRUE(row.dropped); // its node is gone
    EXPECT_EQ(row.who.pid, 5);
    EXPECT_EQ(rows.living(), 1u);
  }
}

TEST_F(table_test, what_a_spawn_asked_for_is_kept_for_later_keepers) {
  auto x = request("a#0", 1);
  x.kill = link::kill_mode::leader;
  x.output = link::output_mode::split;
  auto row = uut.start(x, 1s);
  ASSERT_TRUE(row);
  EXPECT_EQ((*row)->stop, "HUP");
  EXPECT_EQ((*row)->user, "www");
  EXPECT_EQ((*row)->kill, link::kill_mode::leader);
  EXPECT_EQ((*row)->output, link::output_mode::split);
}

} // namespace
} // namespace saker::keeper
