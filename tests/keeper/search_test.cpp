#include "keeper/search.hpp"

#include <gtest/gtest.h>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;

class search_test : public ::testing::Test {
protected:
  static departure gone() {
    departure x{"web#0", 7};
    x.of = 2;
    x.leader = 100;
    x.background = true;
    x.started = 1'000;
    x.ended = 1'005;
    return x;
  }

  void sweep() {
    uut.begin_sweep();
  }

  bool over(link::stamp now = 1s) {
    return uut.over(now);
  }

  search uut{gone(), 10s};
};

TEST_F(search_test, is_not_over_before_a_sweep) {
  EXPECT_FALSE(over());
}

TEST_F(search_test, is_over_after_a_sweep_that_met_nobody) {
  sweep();
  EXPECT_TRUE(over());
  EXPECT_EQ(uut.killed(), 0u);
}

TEST_F(search_test, goes_on_while_somebody_lives) {
  sweep();
  EXPECT_TRUE(uut.meet(101));
  EXPECT_FALSE(over());
  sweep();
  EXPECT_FALSE(uut.meet(101));
  EXPECT_FALSE(over());
  EXPECT_EQ(uut.alive(), 1u);
  sweep();
  EXPECT_TRUE(over());
  EXPECT_EQ(uut.alive(), 0u);
  EXPECT_EQ(uut.killed(), 1u);
}

// The middle process of a double fork: its child came after the list was read.
TEST_F(search_test, looks_again_after_it_buried_one_of_them) {
  sweep();
  uut.bury(101, false);
  EXPECT_FALSE(over());
  sweep();
  uut.meet(102);
  sweep();
  uut.bury(102, true);
  EXPECT_FALSE(over());
  sweep();
  EXPECT_TRUE(over());
  EXPECT_EQ(uut.killed(), 1u);
}

TEST_F(search_test, looks_again_after_a_doubt) {
  sweep();
  uut.doubt();
  EXPECT_FALSE(over());
  sweep();
  EXPECT_TRUE(over());
}

TEST_F(search_test, gives_up_when_its_time_is_over) {
  sweep();
  uut.meet(101);
  EXPECT_FALSE(over(9s));
  EXPECT_TRUE(over(10s));
  EXPECT_EQ(uut.alive(), 1u);
}

TEST_F(search_test, counts_who_was_killed_with_the_group) {
  sweep();
  uut.bury(101, true);
  uut.bury(102, false);
  EXPECT_EQ(uut.killed(), 1u);
}

TEST_F(search_test, does_not_wait_for_those_it_leaves_alone) {
  auto what = gone();
  what.kill = false;
  search leaves{what, 10s};
  leaves.begin_sweep();
  EXPECT_TRUE(leaves.meet(101));
  EXPECT_FALSE(leaves.over(1s)); // there may be more of them
  leaves.begin_sweep();
  EXPECT_FALSE(leaves.meet(101));
  EXPECT_TRUE(leaves.over(1s));
  leaves.bury(102, true);
  EXPECT_EQ(leaves.killed(), 0u);
}

TEST_F(search_test, looks_twice_among_strangers) {
  auto what = gone();
  what.stranger = true;
  search strangers{what, 10s};
  strangers.begin_sweep();
  EXPECT_FALSE(strangers.over(1s));
  strangers.begin_sweep();
  EXPECT_TRUE(strangers.over(1s));
}

TEST_F(search_test, knows_the_sessions_of_the_leader_and_of_who_was_met) {
  sweep();
  uut.meet(101);
  uut.bury(102, false);
  for (auto session : {100, 101, 102})
    EXPECT_TRUE(uut.has_session(session));
  EXPECT_FALSE(uut.has_session(103));
  EXPECT_FALSE(uut.has_session(0));
  auto what = gone();
  what.leader = 0;
  EXPECT_FALSE((search{what, 10s}).has_session(0));
}

TEST_F(search_test, explains_who_was_born_while_such_a_leader_lived) {
  EXPECT_TRUE(uut.explains(1'000));
  EXPECT_TRUE(uut.explains(1'005));
  EXPECT_FALSE(uut.explains(999));
  EXPECT_FALSE(uut.explains(1'006));
  auto what = gone();
  what.background = false;
  EXPECT_FALSE((search{what, 10s}).explains(1'000));
}

} // namespace
} // namespace saker::keeper
