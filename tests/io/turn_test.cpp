#include "io/turn.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace saker::io {
namespace {

struct test_turn : turn {
  using turn::has_hooks;
  using turn::run_hooks;
};

struct note_hook : turn_hook {
  explicit note_hook(std::function<void()> f) : what(std::move(f)) {
    // nop
  }
  void at_end_of_turn() override {
    what();
  }
  std::function<void()> what;
};

TEST(turn_test, runs_a_hook_once_however_often_it_was_asked_for) {
  test_turn uut;
  auto count = 0;
  note_hook hook{[&] { ++count; }};
  uut.defer(stage::join, hook);
  uut.defer(stage::join, hook);
  EXPECT_TRUE(uut.run_hooks(stage::join));
  EXPECT_FALSE(uut.run_hooks(stage::join));
  EXPECT_EQ(count, 1);
}

TEST(turn_test, keeps_the_stages_apart) {
  test_turn uut;
  auto count = 0;
  note_hook hook{[&] { ++count; }};
  uut.defer(stage::write, hook);
  EXPECT_FALSE(uut.run_hooks(stage::join));
  EXPECT_EQ(count, 0);
  EXPECT_TRUE(uut.has_hooks());
  EXPECT_TRUE(uut.run_hooks(stage::write));
  EXPECT_EQ(count, 1);
}

TEST(turn_test, leaves_a_hook_that_arms_itself_for_the_next_round) {
  test_turn uut;
  auto count = 0;
  note_hook* self = nullptr;
  note_hook hook{[&] {
    if (++count == 1)
      uut.defer(stage::join, *self);
  }};
  self = &hook;
  uut.defer(stage::join, hook);
  uut.run_hooks(stage::join);
  EXPECT_EQ(count, 1);
  uut.run_hooks(stage::join);
  EXPECT_EQ(count, 2);
}

TEST(turn_test, forgets_a_hook_that_is_destroyed_while_it_waits) {
  test_turn uut;
  std::vector<int> order;
  auto second = std::make_unique<note_hook>([&] { order.push_back(2); });
  note_hook first{[&] {
    order.push_back(1);
    second.reset();
  }};
  note_hook third{[&] { order.push_back(3); }};
  uut.defer(stage::join, first);
  uut.defer(stage::join, *second);
  uut.defer(stage::join, third);
  uut.run_hooks(stage::join);
  EXPECT_EQ(order, (std::vector{1, 3}));
}

TEST(turn_test, outlives_or_is_outlived_by_its_hooks) {
  note_hook hook{[] {}};
  {
    test_turn uut;
    uut.defer(stage::write, hook);
  }
  test_turn other;
  other.defer(stage::write, hook);
  EXPECT_TRUE(other.run_hooks(stage::write));
}

} // namespace
} // namespace saker::io
