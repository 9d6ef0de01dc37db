#include "tests/keeper/table_fixture.hpp"

#include <set>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;
using link::row_state;

using table_test = table_fixture;

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
