#include "keeper/lineage.hpp"

#include <gtest/gtest.h>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;

class lineage_test : public ::testing::Test {
protected:
  lineage uut;
};

TEST_F(lineage_test, knows_who_leads) {
  uut.add_leader(100, 2);
  uut.add_leader(200, 0); // the node
  EXPECT_TRUE(uut.is_leader(100));
  EXPECT_TRUE(uut.is_leader(200));
  EXPECT_FALSE(uut.is_leader(101));
  EXPECT_TRUE(uut.lives(2));
  EXPECT_FALSE(uut.lives(0));
  uut.remove_leader(100);
  uut.remove_leader(100);
  EXPECT_FALSE(uut.is_leader(100));
  EXPECT_FALSE(uut.lives(2));
}

TEST_F(lineage_test, a_family_that_is_held_lives_without_a_leader) {
  uut.add_leader(100, 2);
  uut.hold(2);
  uut.remove_leader(100);
  EXPECT_TRUE(uut.lives(2));
  EXPECT_FALSE(uut.lives(4));
  uut.let_go(2);
  EXPECT_FALSE(uut.lives(2));
}

TEST_F(lineage_test, knows_the_family_of_a_session) {
  uut.add_leader(100, 2);
  uut.meet(101, 1s).of = 4;
  EXPECT_EQ(uut.of_session(100), 2u);
  EXPECT_EQ(uut.of_session(101), 4u);
  EXPECT_EQ(uut.of_session(102), 0u);
}

TEST_F(lineage_test, remembers_a_relative_until_it_is_reaped) {
  auto& x = uut.meet(101, 7s);
  x.of = 2;
  EXPECT_EQ(x.looks, 1u);
  auto& same = uut.meet(101, 8s);
  EXPECT_EQ(same.looks, 2u);
  EXPECT_EQ(same.met, 7s);
  EXPECT_EQ(same.of, 2u);
  uut.forget(101);
  EXPECT_EQ(uut.find(101), nullptr);
  EXPECT_EQ(uut.meet(101, 9s).of, 0u);
}

} // namespace
} // namespace saker::keeper
