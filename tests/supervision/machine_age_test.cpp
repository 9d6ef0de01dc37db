#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace test;

/// What `max_age` does.
class machine_age_test : public testing::Test, protected machine_driver {
protected:
  static service aging_service(duration after, double jitter = 0) {
    auto x = plain();
    x.max_age = {after, jitter};
    return x;
  }

  machine_age_test() {
    make(aging_service(1h));
  }

  void change_to(const service& x) {
    tell(event::change{std::make_shared<const service>(x), false});
  }
};

TEST_F(machine_age_test, an_old_child_gives_way_to_a_new_one) {
  bring_up();
  EXPECT_EQ(next(), "restart in 59m59s");
  advance(1h - 2s);
  EXPECT_EQ(at(), state::running);
  advance(1s);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().reason, "it ran longer than max_age, 1h");
  EXPECT_EQ(signals.front().first, SIGTERM);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
  spawned();
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(next(), "restart in 1h");
}

TEST_F(machine_age_test, nobody_is_charged_for_it) {
  make([] {
    auto x = aging_service(10s);
    x.budget = *parse_budget("1/1h");
    return x;
  }());
  bring_up();
  for (auto i = 0; i < 5; ++i) {
    advance(10s);
    ASSERT_EQ(at(), state::stopping) << i;
    ends(cause::exited(1));
    ASSERT_EQ(at(), state::starting) << i;
    spawned();
  }
  EXPECT_EQ(look().restarts, 0u);
  EXPECT_EQ(look().in_budget, 0u);
}

TEST_F(machine_age_test, instances_do_not_go_all_at_once) {
  make(aging_service(1h, 0.5));
  std::vector<duration> ages;
  for (auto i = 0; i < 20; ++i) {
    start();
    spawned();
    ages.push_back(*look().next_at - now);
    stop();
    ends(cause::signaled(SIGTERM));
  }
  auto [least, most] = std::minmax_element(ages.begin(), ages.end());
  EXPECT_GE(*least, 1h);
  EXPECT_LE(*most, 90min);
  EXPECT_GT(*most - *least, 10min);
}

TEST_F(machine_age_test, a_sick_child_ages_too) {
  bring_up();
  tell(event::weak{});
  EXPECT_EQ(at(), state::sick);
  auto when = look().next_at;
  tell(event::ready{});
  EXPECT_EQ(look().next_at, when);
  tell(event::weak{});
  advance(1h);
  EXPECT_EQ(at(), state::stopping);
}

TEST_F(machine_age_test, another_age_counts_at_once) {
  bring_up();
  change_to(aging_service(10s));
  EXPECT_EQ(next(), "restart in 9s");
  change_to(plain());
  EXPECT_EQ(next(), "");
  advance(2h);
  EXPECT_EQ(at(), state::running);
  change_to(aging_service(1h)); // older than that
  EXPECT_EQ(next(), "restart in 0s");
  advance(0s);
  EXPECT_EQ(at(), state::stopping);
}

TEST_F(machine_age_test, a_dropped_child_grows_as_old_as_it_likes) {
  bring_up();
  tell(event::drop{});
  advance(2h);
  EXPECT_EQ(at(), state::running);
  start(); // looked after again
  EXPECT_EQ(next(), "restart in 0s");
  advance(0s);
  EXPECT_EQ(at(), state::stopping);
}

TEST_F(machine_age_test, the_age_survives_the_node) {
  bring_up();
  advance(30min);
  auto remembered = kept;
  auto id = uut->spawn_id();
  make(aging_service(1h));
  memory x;
  x.kept = remembered;
  x.present = memory::child::running;
  x.spawn_id = id;
  x.pid = 100;
  x.started = remembered.started;
  wake(x);
  EXPECT_EQ(at(), state::running);
  EXPECT_EQ(next(), "restart in 29m59s");
  // A note of a Saker that knew no max_age.
  x.kept->deadline.reset();
  make(aging_service(1h));
  wake(x);
  EXPECT_EQ(next(), "restart in 29m59s");
}

} // namespace
} // namespace saker::supervision
