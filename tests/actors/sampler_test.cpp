#include "actors/sampler.hpp"

#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

class sampler_test : public test::actor_test {
protected:
  sampler_test() {
    uut = spawn(
      sampler,
      sampler_links{[this]() -> std::optional<process::process_snapshot> {
                      ++looks;
                      coordinator().clock().current_time += cost;
                      if (blind)
                        return std::nullopt;
                      return process::process_snapshot{1000s, all};
                    },
                    100, [this](const process::tree_usage& x) { sum = x; }});
  }

  process::usage_table ask_for(pid_list roots) {
    auto x = ask<shared_usage>(uut, atom::query_v, std::move(roots));
    return x && *x ? **x : process::usage_table{};
  }

  std::vector<process::process_cost> all{{10, 1, 10, 90'000, 0, 500},
                                         {20, 1, 20, 90'000, 5'000, 700}};
  int looks = 0;
  std::chrono::milliseconds cost{0}; ///< of one look
  bool blind = false;
  process::tree_usage sum;
  sampler_actor uut;
};

TEST_F(sampler_test, looks_only_when_somebody_asks) {
  advance(1h);
  EXPECT_EQ(looks, 0);
  auto found = ask_for({10, 20});
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(found[10].rss, 500u);
  EXPECT_EQ(sum.rss, 1'200u);
  EXPECT_EQ(sum.processes, 2u);
  EXPECT_DOUBLE_EQ(sum.cpu, 50);
  advance(1h);
  EXPECT_EQ(looks, 1);
}

TEST_F(sampler_test, one_look_serves_all_who_ask_within_a_second) {
  ask_for({10});
  advance(999ms);
  EXPECT_EQ(ask_for({20})[20].rss, 700u) << "others than before";
  EXPECT_EQ(looks, 1);
  advance(1ms);
  ask_for({10});
  EXPECT_EQ(looks, 2);
}

TEST_F(sampler_test, looks_again_for_who_has_just_been_started) {
  ask_for({10});
  all.push_back({30, 1, 30, 90'000, 0, 300});
  advance(10ms);
  EXPECT_EQ(ask_for({10, 30})[30].rss, 300u);
  EXPECT_EQ(looks, 2);
  ask_for({10, 30});
  EXPECT_EQ(looks, 2);
}

TEST_F(sampler_test, does_not_spend_its_time_with_looking) {
  cost = 20ms;
  ask_for({99});
  advance(199ms);
  ask_for({99});
  EXPECT_EQ(looks, 1);
  advance(1ms);
  ask_for({99});
  EXPECT_EQ(looks, 2);
}

TEST_F(sampler_test, tells_nothing_of_what_vanished_or_cannot_be_seen) {
  EXPECT_EQ(ask_for({10, 99}).size(), 1u);
  advance(1s);
  all.clear();
  EXPECT_TRUE(ask_for({10}).empty());
  advance(1s);
  blind = true;
  EXPECT_TRUE(ask_for({10}).empty());
}

} // namespace
} // namespace saker
