#include "tests/support/writers_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using writers_test = test::writers_world;

TEST_F(writers_test, goes_on_elsewhere_while_one_hangs) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  attach("a#0", "/log/a");
  attach("b#0", "/1/b");
  EXPECT_EQ(ask<drained_output>(uut, atom::finish_v, std::string{"b#0"})->moved,
            7u);
  recover();
}

TEST_F(writers_test, keeps_only_the_last_child_of_a_key_while_one_hangs) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  unique_fd kept{ends[1]};
  for (auto i = 0; i < 10; ++i) {
    output_attachment x;
    x.key = "a#0";
    x.files = {"/log/a"};
    x.lost = 1;
    x.fds = std::make_shared<std::vector<unique_fd>>();
    x.fds->emplace_back(i == 5 ? ends[0] : -1);
    tell(uut, atom::attach_v, x);
  }
  EXPECT_EQ(heard(0),
            (words{"attach a#0 /log/a 1", "attach a#0 /log/a 1 lost"}));
  EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1) << "the FIFO of a child is kept";
  attach("a#0", "/log/a2", 0);
  recover();
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a2 1 lost"}));
}

TEST_F(writers_test, gives_a_new_child_a_new_home_while_the_old_one_hangs) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  attach("a#0", "/log/a");
  attach("a#0", "/1/a");
  EXPECT_EQ(heard(1), (words{"attach a#0 /1/a 1"}));
  recover();
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1", "attach a#0 /log/a 1",
                             "detach a#0"}));
  EXPECT_EQ(heard(1), words{});
}

TEST_F(writers_test, refuses_when_too_many_wait_for_one_that_hangs) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  for (std::size_t i = 0; i < writers_state::most_asked; ++i)
    self->send(uut, atom::tail_v, std::string{"/log/a"}, std::uint32_t{1});
  for (auto i = 0; i < 10; ++i)
    settle();
  auto refused = ask<std::string>(uut, atom::tail_v, std::string{"/log/a"},
                                  std::uint32_t{1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_failure(refused.error()).code, errc::busy);
  recover();
  EXPECT_TRUE(ask<std::string>(uut, atom::tail_v, std::string{"/log/a"},
                               std::uint32_t{1}));
}

TEST_F(writers_test, looks_at_nobody_who_does_nothing) {
  attach("a#0", "/log/a");
  EXPECT_FALSE(coordinator().has_pending_timeout());
  auto& pulse = *crew[0]->pulse;
  for (auto i = 0; i < 10; ++i) {
    pulse.begin(coordinator().clock().now());
    pulse.end();
  }
  settle();
  EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
  advance(writers_state::look_every);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writers_test, lets_no_child_wait_for_a_writer_that_hangs) {
  attach("a#0", "/log/a");
  attach("b#0", "/1/b");
  output_attachment blocks;
  blocks.key = "c#0";
  blocks.files = {"/log/c"};
  blocks.settings.full = supervision::log_settings::when_full::block;
  blocks.fds = std::make_shared<std::vector<unique_fd>>(1);
  tell(uut, atom::attach_v, blocks);
  crew[0]->hangs = true;
  crew[0]->pulse->begin(coordinator().clock().now());
  settle();
  advance(writers_state::stuck_after - 1ms);
  EXPECT_EQ(drained.heard, words{});
  advance(writers_state::look_every);
  EXPECT_EQ(drained.heard, (words{"attach a#0 1"}));
  ASSERT_EQ(warned.size(), 1u);
  EXPECT_NE(warned[0].find("/log/a does not answer"), std::string::npos);
  advance(60s);
  EXPECT_EQ(warned.size(), 1u);
  // One that comes meanwhile, with two streams.
  output_attachment split;
  split.key = "d#0";
  split.files = {"/log/d", "/log/d.err"};
  split.settings.split = true;
  split.fds = std::make_shared<std::vector<unique_fd>>(2);
  tell(uut, atom::attach_v, split);
  EXPECT_EQ(drained.heard.back(), "attach d#0 2");
  // It answers again.
  drained.lost = 77;
  crew[0]->pulse->end();
  recover();
  heard(0);
  advance(writers_state::look_every);
  EXPECT_EQ(drained.heard, (words{"attach a#0 1", "attach d#0 2", "detach a#0",
                                  "detach d#0"}));
  EXPECT_EQ(heard(0),
            (words{"attach a#0 /log/a 0 lost", "attach d#0 /log/d 0 lost"}));
  EXPECT_EQ(warned.size(), 2u);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writers_test, does_not_take_a_slow_writer_for_one_that_hangs) {
  attach("a#0", "/log/a");
  auto& pulse = *crew[0]->pulse;
  for (auto i = 0; i < 20; ++i) {
    pulse.begin(coordinator().clock().now());
    settle();
    advance(writers_state::stuck_after - 10ms);
    pulse.end();
  }
  EXPECT_EQ(drained.heard, words{});
}

TEST_F(writers_test, drains_no_child_that_leaves_a_writer_that_hangs) {
  attach("a#0", "/log/a");
  attach("b#0", "/log/b");
  crew[0]->hangs = true;
  crew[0]->pulse->begin(coordinator().clock().now());
  settle();
  advance(2 * writers_state::stuck_after);
  drained.lost = 5;
  attach("a#0", "/1/a");
  tell(uut, atom::detach_v, std::string{"b#0"});
  EXPECT_EQ(drained.heard, (words{"attach a#0 1", "attach b#0 1", "detach a#0",
                                  "detach b#0"}));
  EXPECT_EQ(heard(1), (words{"attach a#0 /1/a 1", "attach a#0 /1/a 0 lost"}));
  crew[0]->pulse->end();
  recover();
  advance(writers_state::look_every);
  EXPECT_EQ(drained.heard.size(), 4u);
}

} // namespace
} // namespace saker
