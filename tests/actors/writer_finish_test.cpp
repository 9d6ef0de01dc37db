#include "tests/support/resource_limit.hpp"
#include "tests/support/writer_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using writer_finish_test = test::writer_world;

TEST_F(writer_finish_test, writes_what_waits_before_it_forgets_a_key) {
  attach();
  fifo.write("last\n");
  tell(uut, atom::detach_v, std::string{"web#0"});
  EXPECT_EQ(content("web.log"), "last\n");
  EXPECT_EQ(kernel.size(), 0u);
  fifo.write("nobody reads this\n");
  run();
  EXPECT_EQ(content("web.log"), "last\n");
  EXPECT_FALSE(rotate()) << "it is still known";
  tell(uut, atom::detach_v, std::string{"web#0"}); // harmless
}

TEST_F(writer_finish_test, forgets_a_key_of_two_streams) {
  test::test_fifo other{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(other.reader());
  auto x = to("web.log", std::move(fds));
  x.files.push_back(file("web.err"));
  tell(uut, atom::attach_v, std::move(x));
  fifo.write("out\n");
  other.write("err\n");
  auto left = ask<handed_fds>(uut, atom::detach_v, std::string{"web#0"});
  ASSERT_TRUE(left);
  EXPECT_EQ((*left)->size(), 2u);
  EXPECT_EQ(content("web.log"), "out\n");
  EXPECT_EQ(content("web.err"), "err\n");
  attach(); // it is still there for others
  fifo.write("again\n");
  run();
  EXPECT_EQ(content("web.log"), "out\nagain\n");
}

TEST_F(writer_finish_test, announces_a_loss_before_it_forgets_a_key) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("123\nlost\n");
    run();
  }
  tell(uut, atom::detach_v, std::string{"web#0"});
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 5 bytes\n");
}

TEST_F(writer_finish_test, has_no_timer_for_a_key_it_forgot) {
  attach();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("123\nlost\n");
  run();
  tell(uut, atom::detach_v, std::string{"web#0"});
  advance(1s);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_finish_test, answers_the_end_of_a_child_when_all_is_written) {
  attach();
  std::string text(60'000, 'x');
  fifo.write(text);
  auto x = finish();
  EXPECT_EQ(x.key, "web#0");
  EXPECT_EQ(x.moved, 60'000u);
  EXPECT_EQ(x.lost, 0u);
  EXPECT_EQ(x.left, 0u);
  EXPECT_EQ(content("web.log"), text);
}

TEST_F(writer_finish_test, lets_go_of_the_fifo_of_a_child_that_ended) {
  attach();
  fifo.write("last\n");
  fifo.hang_up();
  finish();
  run();
  EXPECT_EQ(kernel.size(), 0u);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_finish_test, gives_the_fifos_of_a_key_back_that_goes) {
  attach();
  fifo.write("here\n");
  auto fds = ask<handed_fds>(uut, atom::detach_v, std::string{"web#0"});
  ASSERT_TRUE(fds);
  ASSERT_EQ((*fds)->size(), 1u);
  fifo.write("there\n");
  tell(uut, atom::attach_v, to("new.log", *fds));
  EXPECT_EQ(content("web.log"), "here\n");
  EXPECT_EQ(content("new.log"), "there\n");
  EXPECT_EQ(
    (*ask<handed_fds>(uut, atom::detach_v, std::string{"no#0"}))->size(), 0u);
}

TEST_F(writer_finish_test, finishes_a_large_fifo_in_several_turns) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  attach();
  fifo.write(std::string(1 << 20, 'x'));
  EXPECT_EQ(finish().moved, std::uint64_t{1} << 20);
}

TEST_F(writer_finish_test, answers_everybody_who_waits_for_the_end) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  attach();
  fifo.write(std::string(1 << 20, 'x'));
  auto one = self->request(uut, caf::infinite, atom::finish_v,
                           std::string{"web#0"});
  coordinator().try_run_once();
  EXPECT_EQ(finish().moved, std::uint64_t{1} << 20);
  ASSERT_TRUE(self->has_next_message());
  one.receive(
    [](const drained_output& x) { EXPECT_EQ(x.moved, std::uint64_t{1} << 20); },
    [](caf::error&) { FAIL(); });
}

TEST_F(writer_finish_test,
       answers_the_end_when_the_next_child_comes_too_early) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  attach();
  fifo.write(std::string(1 << 20, 'x'));
  auto end = self->request(uut, caf::infinite, atom::finish_v,
                           std::string{"web#0"});
  coordinator().try_run_once();
  attach();
  ASSERT_TRUE(self->has_next_message());
  end.receive([](const drained_output&) {}, [](caf::error&) { FAIL(); });
  run();
  EXPECT_EQ(content("web.log").size(), std::size_t{1} << 20);
}

TEST_F(writer_finish_test, does_not_wait_for_what_a_survivor_writes_on) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  attach();
  const auto old = 2 * writer_state::turn_budget + 100;
  EXPECT_EQ(fifo.write(std::string(old, 'x')), old);
  auto pending = self->request(uut, caf::infinite, atom::finish_v,
                               std::string{"web#0"});
  EXPECT_TRUE(coordinator().try_run_once());
  fifo.write("later\n");
  run();
  std::uint64_t moved = 0;
  pending.receive([&](const drained_output& x) { moved = x.moved; },
                  [](caf::error&) { FAIL(); });
  EXPECT_EQ(moved, old); // and still the rest is read
  EXPECT_TRUE(content("web.log").ends_with("xlater\n"));
}

TEST_F(writer_finish_test, answers_the_end_of_an_unknown_child) {
  EXPECT_EQ(finish().moved, 0u);
  attach();
  finish();
  EXPECT_EQ(finish().moved, 0u) << "twice";
}

TEST_F(writer_finish_test, writes_the_output_of_the_next_child_after_an_end) {
  attach();
  finish();
  attach();
  fifo.write("again\n");
  run();
  EXPECT_EQ(content("web.log"), "again\n");
}

TEST_F(writer_finish_test, tells_what_stays_in_the_fifo_at_the_end) {
  auto what = to("web.log", reader(fifo));
  what.settings.full = supervision::log_settings::when_full::block;
  tell(uut, atom::attach_v, what);
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  auto x = finish();
  EXPECT_EQ(x.moved, 4u);
  EXPECT_EQ(x.left, 5u);
  EXPECT_EQ(x.lost, 0u);
  disk.lift();
  tell(uut, atom::attach_v, to("web.log", reader(fifo)));
  EXPECT_EQ(content("web.log"), "12345678\n");
}

} // namespace
} // namespace saker
