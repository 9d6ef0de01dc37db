#include "actors/chore_list.hpp"

#include "tests/support/fake_crew.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

class chore_list_test : public ::testing::Test {
protected:
  void add(std::uint64_t id, std::chrono::nanoseconds patience = 30s) {
    lua::chore what{
      [this, id](const std::atomic<bool>& stop) -> result<lua::chore_result> {
        if (during)
          during();
        if (stop)
          return fail(errc::closed, "stopped");
        return lua::chore_result{id};
      },
      patience};
    uut->add(id, std::move(what), now, [this, id](chore_answer x) {
      done.emplace_back(id, std::move(x));
    });
  }

  /// Runs all jobs and takes the answers in, as the actor does.
  std::vector<std::uint64_t> run() {
    std::vector<std::uint64_t> ended;
    while (threads.run_one())
      for (auto& [id, x] : std::exchange(done, {})) {
        ended.push_back(id);
        uut->ended(id);
      }
    return ended;
  }

  test::fake_crew threads;
  std::function<void()> during;
  lua::time_point now{};
  std::vector<std::pair<std::uint64_t, chore_answer>> done;
  std::optional<chore_list> uut{std::in_place, &threads, 2};
};

using ids = std::vector<std::uint64_t>;

TEST_F(chore_list_test, does_some_at_a_time_and_all_in_order) {
  for (std::uint64_t i = 1; i <= 5; ++i)
    add(i);
  EXPECT_EQ(threads.jobs.size(), 2u);
  EXPECT_EQ(run(), (ids{1, 2, 3, 4, 5}));
  EXPECT_TRUE(uut->empty());
}

TEST_F(chore_list_test, an_exception_is_a_failure) {
  during = [] { throw std::bad_alloc{}; };
  add(1);
  threads.run_one();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_FALSE(*done[0].second);
  uut->ended(1);
}

TEST_F(chore_list_test, what_is_forgotten_is_told_to_stop_or_never_begins) {
  for (std::uint64_t i = 1; i <= 3; ++i)
    add(i);
  uut->forget(1);
  uut->forget(3);
  threads.run_one();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].second->error().code, errc::closed);
  EXPECT_EQ(run(), (ids{1, 2}));
  EXPECT_TRUE(uut->empty());
}

TEST_F(chore_list_test, t_c18_a_thread_that_does_not_come_back_is_replaced) {
  add(1, 10s);
  add(2, 30s);
  add(3, 10s); // waits
  during = [this] {
    during = nullptr;
    now += 9s;
    EXPECT_TRUE(uut->give_up_late(now).empty());
    now += 1s;
    EXPECT_EQ(uut->give_up_late(now), (ids{1, 3}));
    EXPECT_EQ(threads.stuck, 1u);
    // A place is free.
    add(4);
    EXPECT_EQ(threads.jobs.size(), 2u);
  };
  threads.run_one();
  EXPECT_TRUE(done.empty()) << "nobody waits for it";
  EXPECT_EQ(threads.stuck, 0u) << "the replacement may go";
  EXPECT_EQ(run(), (ids{2, 4}));
  EXPECT_TRUE(uut->give_up_late(now + 1h).empty());
}

TEST_F(chore_list_test, gives_up_all_at_its_end) {
  add(1);
  add(2);
  add(3);
  uut.reset();
  EXPECT_EQ(threads.stuck, 2u);
  while (threads.run_one())
    ; // nop
  EXPECT_EQ(threads.stuck, 0u);
  EXPECT_TRUE(done.empty());
}

} // namespace
} // namespace saker
