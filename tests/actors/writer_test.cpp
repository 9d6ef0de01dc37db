#include "actors/writer.hpp"

#include "tests/support/writer_world.hpp"

#include <deque>
#include <filesystem>

namespace saker {
namespace {

using namespace std::chrono_literals;

using writer_test = test::writer_world;

// -- attach, readable, pump ---------------------------------------------------

TEST_F(writer_test, writes_what_waited_before_it_was_attached) {
  fifo.write("early\n");
  attach();
  EXPECT_EQ(content("web.log"), "early\n");
}

TEST_F(writer_test, writes_what_comes) {
  attach();
  for (auto line : {"one\n", "two\n", "three\n"}) {
    fifo.write(line);
    run();
  }
  EXPECT_EQ(content("web.log"), "one\ntwo\nthree\n");
  EXPECT_EQ(kernel.armed(), 1u);
}

TEST_F(writer_test, does_nothing_while_nothing_comes) {
  attach();
  EXPECT_EQ(kernel.fire(), 0u);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, writes_both_streams_into_their_files) {
  test::test_fifo error{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(error.reader());
  auto what = to("web.log", fds);
  what.files.push_back(file("web.err.log"));
  tell(uut, atom::attach_v, what);
  fifo.write("fine\n");
  error.write("not fine\n");
  run();
  EXPECT_EQ(content("web.log"), "fine\n");
  EXPECT_EQ(content("web.err.log"), "not fine\n");
}

TEST_F(writer_test, writes_both_streams_into_one_file) {
  test::test_fifo error{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(error.reader());
  tell(uut, atom::attach_v, to("web.log", fds));
  fifo.write("fine\n");
  run();
  error.write("not fine\n");
  run();
  EXPECT_EQ(content("web.log"), "fine\nnot fine\n");
}

TEST_F(writer_test, shows_when_it_is_at_work) {
  attach();
  EXPECT_EQ(rings, 1);
  EXPECT_FALSE(pulse->busy_since());
  fifo.write("hello\n");
  run();
  EXPECT_EQ(rings, 1) << "it is looked at already";
  EXPECT_TRUE(pulse->rest());
  fifo.write("hello\n");
  run();
  EXPECT_EQ(rings, 2);
  EXPECT_FALSE(pulse->busy_since());
}

TEST_F(writer_test, gives_every_child_its_turn) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  test::test_fifo quiet{dir.path() / "quiet#0"};
  attach();
  auto what = to("quiet.log", reader(quiet));
  what.key = "quiet#0";
  tell(uut, atom::attach_v, what);
  EXPECT_EQ(fifo.write(std::string(1 << 20, 'x')), std::size_t{1} << 20);
  quiet.write("psst\n");
  kernel.fire();
  coordinator().try_run_once(); // one message each
  coordinator().try_run_once();
  EXPECT_EQ(content("quiet.log"), "psst\n");
  EXPECT_EQ(fifo.waiting(), (1u << 20) - writer_state::turn_budget);
  run();
  EXPECT_EQ(content("web.log").size(), std::size_t{1} << 20);
}

TEST_F(writer_test, says_what_the_keeper_threw_away) {
  auto what = to("web.log", reader(fifo));
  what.lost = 99;
  fifo.write("hello\n");
  tell(uut, atom::attach_v, what);
  EXPECT_EQ(content("web.log"), "saker: lost 99 bytes\nhello\n");
}

TEST_F(writer_test, reads_the_new_fifo_of_the_next_child) {
  attach();
  test::test_fifo next{dir.path() / "next"};
  tell(uut, atom::attach_v, to("web.log", reader(next)));
  EXPECT_EQ(kernel.size(), 1u);
  next.write("second\n");
  run();
  EXPECT_EQ(content("web.log"), "second\n");
}

TEST_F(writer_test, changes_the_file_of_a_running_child) {
  attach();
  fifo.write("old\n");
  run();
  tell(uut, atom::attach_v, to("new.log", nullptr));
  fifo.write("new\n");
  run();
  EXPECT_EQ(content("web.log"), "old\n");
  EXPECT_EQ(content("new.log"), "new\n");
}

TEST_F(writer_test, changes_the_size_of_the_files_of_a_running_child) {
  attach();
  auto what = to("web.log", nullptr);
  what.settings.size = 8;
  what.settings.keep = 1;
  tell(uut, atom::attach_v, what);
  fifo.write("123456\nabcdef\nABCDEF\n");
  run();
  EXPECT_EQ(content("web.log"), "ABCDEF\n");
  EXPECT_EQ(content("web.log.1"), "abcdef\n");
  EXPECT_FALSE(std::filesystem::exists(file("web.log.2")));
}

TEST_F(writer_test, throws_away_what_shall_not_be_logged_any_more) {
  attach();
  auto what = to("web.log", nullptr);
  what.files.clear();
  tell(uut, atom::attach_v, what);
  fifo.write("secret\n");
  run();
  EXPECT_EQ(fifo.waiting(), 0u);
  EXPECT_EQ(content("web.log"), "");
}

TEST_F(writer_test, ignores_settings_for_what_was_never_attached) {
  tell(uut, atom::attach_v, to("web.log", nullptr));
  EXPECT_EQ(kernel.size(), 0u);
  EXPECT_FALSE(std::filesystem::exists(file("web.log")));
  EXPECT_FALSE(rotate()) << "it is known now";
}

TEST_F(writer_test, shares_a_file_between_instances) {
  test::test_fifo other{dir.path() / "web#1"};
  attach();
  auto what = to("web.log", reader(other));
  what.key = "web#1";
  tell(uut, atom::attach_v, what);
  fifo.write("0\n");
  run();
  other.write("1\n");
  run();
  fifo.write("2\n");
  run();
  EXPECT_EQ(content("web.log"), "0\n1\n2\n");
  EXPECT_TRUE(rotate());
  other.write("3\n");
  run();
  EXPECT_EQ(content("web.log.1"), "0\n1\n2\n");
  EXPECT_EQ(content("web.log"), "3\n") << "it goes on in the new file too";
}

TEST_F(writer_test, lets_go_of_a_fifo_that_nobody_can_write_to) {
  attach();
  fifo.write("last\n");
  fifo.hang_up();
  run(); // would never end if the hang-up were waited for
  EXPECT_EQ(content("web.log"), "last\n");
  EXPECT_EQ(kernel.size(), 0u);
  EXPECT_FALSE(coordinator().has_pending_timeout());
  test::test_fifo next{dir.path() / "next"};
  tell(uut, atom::attach_v, to("web.log", reader(next)));
  next.write("next\n");
  run();
  EXPECT_EQ(content("web.log"), "last\nnext\n");
}

// -- a child that writes all the time -----------------------------------------

TEST_F(writer_test, writes_at_once_what_comes_after_a_silence) {
  attach();
  for (auto i = 0; i < 3; ++i) {
    fifo.write("hello\n");
    EXPECT_EQ(kernel.fire(), 1u);
    settle();
    EXPECT_EQ(fifo.waiting(), 0u);
    EXPECT_FALSE(coordinator().has_pending_timeout());
    advance(100ms);
  }
}

TEST_F(writer_test, lets_the_output_of_a_busy_child_gather) {
  attach();
  auto moves = 0;
  for (auto i = 0; i < 1'000; ++i) { // a line every millisecond
    fifo.write("hello\n");
    auto before = fifo.waiting();
    advance(1ms);
    kernel.fire();
    settle();
    moves += fifo.waiting() < before;
  }
  EXPECT_GT(moves, 120);
  EXPECT_LT(moves, 140);
  EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
  advance(process::pump_pace::longest);
  EXPECT_EQ(fifo.waiting(), 0u);
}

TEST_F(writer_test, has_one_timer_for_all_busy_children) {
  std::deque<test::test_fifo> fifos;
  for (auto i = 0; i < 20; ++i) {
    auto name = "n" + std::to_string(i);
    fifos.emplace_back(dir.path() / (name + "#0"));
    auto what = to(name + ".log", reader(fifos.back()));
    what.key = name + "#0";
    tell(uut, atom::attach_v, what);
  }
  for (auto i = 0; i < 50; ++i) {
    for (auto& x : fifos)
      x.write("hello\n");
    kernel.fire();
    advance(1ms);
  }
  EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
}

TEST_F(writer_test, writes_what_gathers_before_it_answers) {
  attach();
  for (auto line : {"1\n", "2\n", "3\n"}) {
    fifo.write(line);
    kernel.fire();
    settle();
  }
  EXPECT_GT(fifo.waiting(), 0u) << "nothing gathers";
  finish();
  EXPECT_EQ(content("web.log"), "1\n2\n3\n");
  run();
  EXPECT_EQ(kernel.armed(), 1u);
}

} // namespace
} // namespace saker
