#include "process/output_pump.hpp"

#include "tests/support/pump_fixture.hpp"
#include "tests/support/resource_limit.hpp"

#include <csignal>
#include <random>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace saker::process {
namespace {

using next = pumped::next;
using when_full = output_pump::when_full;
using test::all;
using test::content;
using test::many_lines;
using test::plenty;

using output_pump_test = test::pump_fixture;

TEST_F(output_pump_test, moves_what_waits_and_then_wants_more) {
  auto uut = make();
  fifo.write("hello\n");
  auto done = uut.pump(plenty, now);
  EXPECT_EQ(done.moved, 6u);
  EXPECT_EQ(done.lost, 0u);
  EXPECT_EQ(done.when, next::readable);
  EXPECT_FALSE(done.full);
  EXPECT_EQ(content(path), "hello\n");
  done = uut.pump(plenty, now);
  EXPECT_EQ(done.moved, 0u);
  EXPECT_EQ(done.when, next::readable);
}

TEST_F(output_pump_test, keeps_every_byte_value) {
  auto uut = make();
  std::string bytes;
  for (auto i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  fifo.write(bytes);
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), bytes);
}

TEST_F(output_pump_test, stops_at_its_budget) {
  auto uut = make();
  auto text = many_lines(40'000);
  fifo.write(text);
  auto done = uut.pump(10'000, now);
  EXPECT_EQ(done.moved, 10'000u);
  EXPECT_EQ(done.when, next::again);
  EXPECT_EQ(uut.available(), text.size() - 10'000);
  done = uut.pump(plenty, now);
  EXPECT_EQ(done.when, next::readable);
  EXPECT_EQ(content(path), text);
}

TEST_F(output_pump_test, says_when_nobody_can_write_any_more) {
  auto uut = make();
  fifo.write("last words\n");
  fifo.hang_up();
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "last words\n");
  EXPECT_EQ(uut.pump(plenty, now).when, next::ended);
  uut.watch(true);
  EXPECT_EQ(uut.pump(plenty, now).when, next::ended);
  uut.change(nullptr, when_full::drop);
  EXPECT_EQ(uut.pump(plenty, now).when, next::ended);
}

TEST_F(output_pump_test, knows_how_much_a_fifo_holds) {
  auto uut = make();
  EXPECT_EQ(uut.capacity(),
            static_cast<std::size_t>(::fcntl(fifo.child(), F_GETPIPE_SZ)));
}

TEST_F(output_pump_test, leaves_in_the_fifo_what_it_did_not_move) {
  auto uut = make();
  fifo.write("one\ntwo\n");
  uut.pump(4, now);
  uut.release();
  EXPECT_EQ(uut.fifo(), -1);
  uut.attach(fifo.reader());
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "one\ntwo\n");
}

TEST_F(output_pump_test, throws_away_where_there_is_no_file) {
  output_pump uut{nullptr, when_full::block, &scratch};
  uut.attach(fifo.reader());
  fifo.write("noise\n");
  auto done = uut.pump(plenty, now);
  EXPECT_EQ(done.when, next::readable);
  EXPECT_EQ(fifo.waiting(), 0u);
  // It is no loss: a later file says nothing of it.
  uut.change(std::make_shared<log_file>(path, rotation{}), when_full::block);
  fifo.write("sound\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "sound\n");
}

TEST_F(output_pump_test, shares_a_file_with_other_children) {
  auto uut = make();
  test::test_fifo other{dir.path() / "web#1"};
  output_pump second{uut.file(), when_full::drop, &scratch};
  second.attach(other.reader());
  fifo.write("1\n");
  uut.pump(plenty, now);
  other.write("2\n");
  second.pump(plenty, now);
  fifo.write("3\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "1\n2\n3\n");
}

TEST_F(output_pump_test, copies_only_for_those_who_watch) {
  auto uut = make();
  fifo.write("a\n");
  EXPECT_EQ(uut.pump(plenty, now).copy, "");
  uut.watch(true);
  fifo.write("b\n");
  EXPECT_EQ(uut.pump(plenty, now).copy, "b\n");
  uut.watch(false);
  fifo.write("c\n");
  EXPECT_EQ(uut.pump(plenty, now).copy, "");
  EXPECT_EQ(content(path), "a\nb\nc\n");
}

TEST_F(output_pump_test, looks_again_after_it_let_go_of_its_pipe) {
  auto uut = make();
  uut.watch(true);
  for (auto i = 0; i < 3; ++i) {
    fifo.write("a\n");
    EXPECT_EQ(uut.pump(plenty, now).copy, "a\n");
    scratch.close();
  }
}

TEST_F(output_pump_test, copies_exactly_what_goes_into_the_files) {
  auto uut = make(when_full::drop, {1'000, 1'000});
  uut.watch(true);
  auto text = many_lines(100'000);
  std::string copy;
  for (std::string_view rest = text; !rest.empty();) {
    rest.remove_prefix(fifo.write(rest));
    for (auto when = next::again; when == next::again;) {
      auto done = uut.pump(5'000, now);
      EXPECT_LE(done.copy.size(), 5'000u);
      copy += done.copy;
      when = done.when;
    }
  }
  EXPECT_TRUE(copy == text);
  EXPECT_TRUE(all(path) == text);
}

TEST_F(output_pump_test, copies_what_is_discarded_too) {
  auto uut = make();
  uut.watch(true);
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  auto done = uut.pump(plenty, now);
  EXPECT_EQ(done.moved, 4u);
  EXPECT_EQ(done.lost, 5u);
  EXPECT_EQ(done.copy, "12345678\n");
}

TEST_F(output_pump_test, adds_lines_of_others_behind_its_own) {
  auto uut = make();
  fifo.write("one\nunfinished");
  uut.pump(plenty, now);
  auto done = uut.add("[reload] two\n", now);
  EXPECT_EQ(done.moved, 13u);
  EXPECT_EQ(done.lost, 0u);
  fifo.write("three\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "one\nunfinished\n[reload] two\nthree\n");
}

TEST_F(output_pump_test, adds_lines_where_there_is_no_child) {
  auto uut = make();
  uut.release();
  uut.add("[before] one\n", now);
  uut.attach(fifo.reader());
  fifo.write("two\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "[before] one\ntwo\n");
  output_pump without{nullptr, when_full::drop, &scratch};
  EXPECT_EQ(without.add("[before] one\n", now).moved, 0u);
  EXPECT_EQ(without.unannounced(), 0u);
}

// -- kill -9 ------------------------------------------------------------------

/// A process that pumps until it is killed.
pid_t start_pumping(const std::string& fifo, const std::string& path,
                    bool watched) {
  auto pid = ::fork();
  if (pid != 0)
    return pid;
  scratch_pipe scratch;
  output_pump uut{std::make_shared<log_file>(path, rotation{50'000, 100'000}),
                  when_full::block, &scratch};
  uut.attach(
    unique_fd{::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)});
  uut.watch(watched);
  for (;;) {
    pollfd x{uut.fifo(), POLLIN, 0};
    ::poll(&x, 1, -1);
    uut.pump(3'000, {});
  }
}

void kill_and_reap(pid_t pid) {
  ASSERT_GT(pid, 0);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
}

TEST_F(output_pump_test, loses_nothing_over_fifty_kills) {
  // As the child does, we wait when the FIFO is full.
  ASSERT_EQ(::fcntl(fifo.child(), F_SETFL, 0), 0);
  std::mt19937 random{7};
  std::string sent;
  for (auto kills = 0; kills < 50; ++kills) {
    auto pid = start_pumping(fifo.path(), path, kills % 2 == 1);
    auto text = many_lines(20'000 + random() % 200'000, random());
    for (std::string_view rest = text; !rest.empty();) {
      auto n = std::min<std::size_t>(1 + random() % 6'000, rest.size());
      ASSERT_EQ(fifo.write(rest.substr(0, n)), n);
      rest.remove_prefix(n);
    }
    sent += text;
    kill_and_reap(pid); // it is at work on the last 64 KiB
  }
  auto uut = make(when_full::block, {50'000, 100'000});
  uut.pump(plenty, now);
  EXPECT_EQ(fifo.waiting(), 0u);
  auto got = all(path);
  EXPECT_EQ(got.size(), sent.size());
  EXPECT_TRUE(got == sent);
}

} // namespace
} // namespace saker::process
