#include "tests/keeper/table_fixture.hpp"

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;
using link::row_state;

using table_test = table_fixture;

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

} // namespace
} // namespace saker::keeper
