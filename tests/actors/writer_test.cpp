#include "actors/writer.hpp"

#include "tests/support/actor_test.hpp"
#include "tests/support/fake_watches.hpp"
#include "tests/support/resource_limit.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_fifo.hpp"

#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace saker {
namespace {

using namespace std::chrono_literals;
using kind = log_notice::kind;

/// What a listener was told; and, while `patient`, the answers it still owes.
struct heard_output {
  std::string text;
  std::uint64_t missed = 0;
  std::size_t pieces = 0;
  std::uint32_t number = 0;
  bool last = false;
  bool added = false;
  bool answers = true;
  std::vector<caf::typed_response_promise<caf::unit_t>> owed;
};

/// `tick` lets it give the answers it owes.
using slow_listener_actor
  = output_listener_actor::extend<caf::reacts_to<atom::tick>>;

slow_listener_actor::behavior_type
listener(slow_listener_actor::pointer self, heard_output* to) {
  return {
    [self, to](atom::deliver,
               const output_copy& x) -> caf::result<caf::unit_t> {
      to->text += *x.bytes;
      to->missed += x.missed;
      to->number = x.number;
      to->last = x.last;
      to->added = x.added;
      ++to->pieces;
      if (to->answers)
        return caf::unit;
      to->owed.push_back(self->make_response_promise<caf::unit_t>());
      return to->owed.back();
    },
    [to](atom::tick) {
      to->answers = true;
      for (auto& x : std::exchange(to->owed, {}))
        x.deliver(caf::unit);
    },
  };
}

class writer_test : public test::actor_test {
protected:
  writer_test() {
    uut = spawn(
      writer,
      writer_links{kernel.factory(),
                   [this](const std::string& line) { warned.push_back(line); },
                   [this](const std::string& key, std::uint64_t bytes) {
                     EXPECT_EQ(key, "web#0");
                     remembered.push_back(bytes);
                   },
                   pulse});
    tell(uut, atom::listen_v, caf::actor_cast<log_listener_actor>(self));
  }

  std::string file(const std::string& name) const {
    return dir.path() / name;
  }

  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{file(name), std::ios::binary}.rdbuf();
    return text.str();
  }

  output_attachment to(const std::string& name, handed_fds fds) const {
    output_attachment x;
    x.key = "web#0";
    x.fds = std::move(fds);
    x.files = {file(name)};
    return x;
  }

  added_lines added(const std::string& text) const {
    return {"web#0", file("web.log"), {}, text};
  }

  handed_fds reader(const test::test_fifo& x) const {
    auto fds = std::make_shared<std::vector<unique_fd>>();
    fds->push_back(x.reader());
    return fds;
  }

  void attach() {
    tell(uut, atom::attach_v, to("web.log", reader(fifo)));
  }

  /// Lets everything happen that can happen at once, or as soon as output has
  /// gathered.
  void run() {
    auto& timers = coordinator().clock().schedule();
    settle();
    for (;;) {
      auto now = coordinator().clock().now();
      if (kernel.fire() > 0)
        settle();
      else if (!timers.empty()
               && timers.begin()->first <= now + process::pump_pace::longest)
        advance(timers.begin()->first - now);
      else
        return;
    }
  }

  slow_listener_actor watch(heard_output& x) {
    auto who = spawn(listener, &x);
    tell(uut, atom::watch_v, std::string{"web#0"}, output_listener_actor{who});
    return who;
  }

  std::optional<log_notice> notice() {
    auto x = heard<atom::report, log_notice>();
    if (!x)
      return std::nullopt;
    return std::get<1>(*x);
  }

  caf::expected<bool> rotate() {
    return ask<bool>(uut, atom::rotate_v, std::string{"web#0"});
  }

  drained_output finish() {
    return *ask<drained_output>(uut, atom::finish_v, std::string{"web#0"});
  }

  test::temporary_directory dir;
  test::test_fifo fifo{dir.path() / "web#0"};
  test::fake_watches kernel;
  int rings = 0;
  std::shared_ptr<writer_pulse> pulse
    = std::make_shared<writer_pulse>([this] { ++rings; });
  std::vector<std::string> warned;
  std::vector<std::uint64_t> remembered;
  file_writer_actor uut;
};

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

// -- a child that writes all the time ------------------------------------------

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

// -- detach, finish -----------------------------------------------------------

TEST_F(writer_test, writes_what_waits_before_it_forgets_a_key) {
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

TEST_F(writer_test, forgets_a_key_of_two_streams) {
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

TEST_F(writer_test, announces_a_loss_before_it_forgets_a_key) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("123\nlost\n");
    run();
  }
  tell(uut, atom::detach_v, std::string{"web#0"});
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 5 bytes\n");
}

TEST_F(writer_test, has_no_timer_for_a_key_it_forgot) {
  attach();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("123\nlost\n");
  run();
  tell(uut, atom::detach_v, std::string{"web#0"});
  advance(1s);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, answers_the_end_of_a_child_when_all_is_written) {
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

TEST_F(writer_test, lets_go_of_the_fifo_of_a_child_that_ended) {
  attach();
  fifo.write("last\n");
  fifo.hang_up();
  finish();
  run();
  EXPECT_EQ(kernel.size(), 0u);
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, gives_the_fifos_of_a_key_back_that_goes) {
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

TEST_F(writer_test, finishes_a_large_fifo_in_several_turns) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  attach();
  fifo.write(std::string(1 << 20, 'x'));
  EXPECT_EQ(finish().moved, std::uint64_t{1} << 20);
}

TEST_F(writer_test, answers_everybody_who_waits_for_the_end) {
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

TEST_F(writer_test, answers_the_end_when_the_next_child_comes_too_early) {
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

TEST_F(writer_test, does_not_wait_for_what_a_survivor_writes_on) {
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

TEST_F(writer_test, answers_the_end_of_an_unknown_child) {
  EXPECT_EQ(finish().moved, 0u);
  attach();
  finish();
  EXPECT_EQ(finish().moved, 0u) << "twice";
}

TEST_F(writer_test, writes_the_output_of_the_next_child_after_an_end) {
  attach();
  finish();
  attach();
  fifo.write("again\n");
  run();
  EXPECT_EQ(content("web.log"), "again\n");
}

TEST_F(writer_test, tells_what_stays_in_the_fifo_at_the_end) {
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

// -- lines of hooks -----------------------------------------------------------

TEST_F(writer_test, writes_what_hooks_put_out_before_and_after_the_child) {
  tell(uut, atom::emit_v, added("[before] hello\n"));
  EXPECT_EQ(content("web.log"), "[before] hello\n");
  attach();
  fifo.write("works\n");
  fifo.hang_up();
  tell(uut, atom::emit_v, added("[after] bye\n"));
  EXPECT_EQ(content("web.log"), "[before] hello\nworks\n[after] bye\n");
  run();
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, lets_those_who_watch_have_the_lines_of_hooks_too) {
  heard_output with;
  watch(with);
  attach();
  fifo.write("works\n");
  tell(uut, atom::emit_v, added("[reload] done\n"));
  EXPECT_EQ(with.text, "works\n[reload] done\n");
  EXPECT_TRUE(with.added);
  auto elsewhere = added("[reload] again\n");
  elsewhere.file.clear();
  tell(uut, atom::emit_v, elsewhere);
  EXPECT_TRUE(with.text.ends_with("done\n[reload] again\n"));
  EXPECT_EQ(content("web.log"), "works\n[reload] done\n");
}

TEST_F(writer_test, says_how_many_lines_of_hooks_a_full_disk_cost) {
  tell(uut, atom::emit_v, added("123\n"));
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  tell(uut, atom::emit_v, added("456\n"));
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::full);
  EXPECT_EQ(x->key, "web#0");
  disk.lift();
  advance(1s);
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 4 bytes\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, follows_the_file_of_its_definition_between_two_children) {
  tell(uut, atom::emit_v, added("[before] one\n"));
  auto moved = added("[before] two\n");
  moved.file = file("new.log");
  tell(uut, atom::emit_v, moved);
  EXPECT_EQ(content("web.log"), "[before] one\n");
  EXPECT_EQ(content("new.log"), "[before] two\n");
}

// -- tail, rotate -------------------------------------------------------------

TEST_F(writer_test, tells_the_last_lines_with_what_waits) {
  attach();
  fifo.write("a\nb\nc\n");
  auto text = ask<std::string>(uut, atom::tail_v, file("web.log"),
                               std::uint32_t{2});
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "b\nc");
}

TEST_F(writer_test, says_that_there_is_no_such_file) {
  auto text = ask<std::string>(uut, atom::tail_v, file("no.log"),
                               std::uint32_t{2});
  ASSERT_FALSE(text);
  EXPECT_EQ(to_failure(text.error()).code, errc::not_found);
}

TEST_F(writer_test, begins_new_files_when_asked) {
  attach();
  EXPECT_TRUE(rotate());
  EXPECT_FALSE(std::filesystem::exists(file("web.log.1"))) << "it was empty";
  fifo.write("old\n");
  run();
  EXPECT_TRUE(rotate());
  fifo.write("new\n");
  run();
  EXPECT_EQ(content("web.log.1"), "old\n");
  EXPECT_EQ(content("web.log"), "new\n");
}

TEST_F(writer_test, cannot_change_what_it_does_not_know) {
  auto done = rotate();
  ASSERT_FALSE(done);
  EXPECT_EQ(to_failure(done.error()).code, errc::not_found);
  done = ask<bool>(uut, atom::clear_v, std::string{"web#0"});
  ASSERT_FALSE(done);
  EXPECT_EQ(to_failure(done.error()).code, errc::not_found);
}

TEST_F(writer_test, empties_files_with_what_waited_for_them) {
  attach();
  fifo.write("old\n");
  run();
  EXPECT_TRUE(rotate());
  fifo.write("waits\n");
  EXPECT_TRUE(ask<bool>(uut, atom::clear_v, std::string{"web#0"}));
  EXPECT_EQ(content("web.log"), "");
  EXPECT_FALSE(std::filesystem::exists(file("web.log.1")));
  fifo.write("new\n");
  run();
  EXPECT_EQ(content("web.log"), "new\n");
}

TEST_F(writer_test, tells_more_bytes_of_more_lines_within_bounds) {
  attach();
  std::string line(2047, 'x');
  line += '\n';
  std::string all;
  for (auto i = 0; i < 1000; ++i)
    all += line;
  dir.write("web.log", all);
  auto size = [this](std::uint32_t lines) {
    return ask<std::string>(uut, atom::tail_v, file("web.log"), lines)->size();
  };
  EXPECT_EQ(size(1), 2047u);
  EXPECT_EQ(size(64), 64u * 1024 - 1);
  EXPECT_EQ(size(100), 100u * 1024 - 1);
  EXPECT_EQ(size(1000), 1000u * 1024 - 1);
  EXPECT_EQ(size(10'000), 1024u * 1024 - 1);
}

TEST_F(writer_test, holds_no_descriptor_of_a_child_that_ended) {
  auto open_files = [] {
    std::filesystem::directory_iterator all{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
  };
  auto before = open_files() - 1;
  attach();
  fifo.write("old\n");
  fifo.hang_up();
  finish();
  run();
  EXPECT_EQ(open_files(), before);
  EXPECT_TRUE(rotate());
  EXPECT_EQ(content("web.log.1"), "old\n");
  EXPECT_EQ(open_files(), before);
}

TEST_F(writer_test, holds_a_descriptor_for_few_of_its_files) {
  auto open_logs = [this] {
    std::size_t count = 0;
    for (auto& x : std::filesystem::directory_iterator{"/proc/self/fd"}) {
      std::error_code gone;
      auto to = std::filesystem::read_symlink(x.path(), gone);
      // Not that of the output of this program.
      count += !gone && to.extension() == ".log"
               && to.parent_path() == dir.path();
    }
    return count;
  };
  std::deque<test::test_fifo> fifos;
  for (std::size_t i = 0; i < writer_state::most_open + 10; ++i) {
    auto name = "n" + std::to_string(i);
    fifos.emplace_back(dir.path() / (name + "#0"));
    auto what = to(name + ".log", reader(fifos.back()));
    what.key = name + "#0";
    tell(uut, atom::attach_v, what);
  }
  EXPECT_EQ(open_logs(), writer_state::most_open);
  for (auto round = 0; round < 3; ++round) {
    for (auto& x : fifos)
      x.write("hello\n");
    run();
  }
  EXPECT_EQ(open_logs(), writer_state::most_open);
  for (std::size_t i = 0; i < fifos.size(); ++i)
    EXPECT_EQ(content("n" + std::to_string(i) + ".log"),
              "hello\nhello\nhello\n");
}

// -- a file that takes nothing ------------------------------------------------

TEST_F(writer_test, discards_and_tells_once_while_the_disk_is_full) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("12345678\n");
    run();
    auto x = notice();
    ASSERT_TRUE(x);
    EXPECT_EQ(x->what, kind::full);
    EXPECT_EQ(x->key, "web#0");
    EXPECT_EQ(x->file, file("web.log"));
    EXPECT_EQ(x->why.code, errc::io);
    for (auto i = 0; i < 3; ++i) {
      EXPECT_EQ(fifo.write("more\n"), 5u);
      run();
      EXPECT_EQ(fifo.waiting(), 0u);
      advance(1s);
    }
    EXPECT_FALSE(notice());
    EXPECT_EQ(warned.size(), 1u);
    EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
  }
  advance(1s); // nothing comes, and still it is said
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::healed);
  EXPECT_EQ(x->lost, 20u);
  EXPECT_EQ(warned.size(), 2u);
  EXPECT_EQ(content("web.log"), "1234\nsaker: lost 20 bytes\n");
  fifo.write("again\n");
  run();
  EXPECT_EQ(content("web.log"), "1234\nsaker: lost 20 bytes\nagain\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, lets_the_child_wait_while_the_disk_is_full) {
  auto what = to("web.log", reader(fifo));
  what.settings.full = supervision::log_settings::when_full::block;
  tell(uut, atom::attach_v, what);
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("12345678\n");
    run(); // would never end if it waited for readability
    EXPECT_EQ(fifo.waiting(), 5u);
    EXPECT_EQ(kernel.armed(), 0u);
    EXPECT_EQ(notice()->what, kind::full);
    advance(5s);
    EXPECT_EQ(fifo.waiting(), 5u);
    EXPECT_FALSE(notice());
  }
  advance(1s);
  EXPECT_EQ(content("web.log"), "12345678\n");
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::healed);
  EXPECT_EQ(x->lost, 0u);
  EXPECT_EQ(kernel.armed(), 1u);
}

TEST_F(writer_test, announces_a_loss_after_the_end_of_the_child) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("123\nlost\n");
    auto x = finish();
    EXPECT_EQ(x.moved, 4u);
    EXPECT_EQ(x.lost, 5u);
  }
  advance(1s);
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 5 bytes\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_test, tries_a_full_disk_at_once_when_a_child_ends) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("123\nlost\n");
    run();
  }
  fifo.write("kept\n");
  finish();
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 5 bytes\nkept\n");
}

TEST_F(writer_test, tells_of_one_bout_though_the_child_is_restarted) {
  attach();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  for (auto i = 0; i < 3; ++i) {
    fifo.write("12345678\n");
    finish();
    attach();
  }
  EXPECT_TRUE(notice());
  EXPECT_FALSE(notice());
}

TEST_F(writer_test, lets_a_loss_be_remembered_until_a_log_tells_of_it) {
  attach();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  run();
  EXPECT_EQ(remembered, (std::vector<std::uint64_t>{5}));
  for (auto i = 0; i < 100; ++i) {
    fifo.write("more\n");
    run();
  }
  EXPECT_LE(remembered.size(), 3u) << "told for each line";
  advance(2s);
  EXPECT_EQ(remembered.back(), 505u);
  disk.lift();
  advance(1s);
  EXPECT_EQ(content("web.log"), "1234\nsaker: lost 505 bytes\n");
  EXPECT_EQ(remembered.back(), 0u);
}

TEST_F(writer_test, lets_the_losses_of_both_streams_be_remembered) {
  test::test_fifo error{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(error.reader());
  auto what = to("web.log", fds);
  what.lost = 100; // as the keeper said
  test::resource_limit disk{RLIMIT_FSIZE, 0};
  fifo.write("12\n");
  error.write("3456\n");
  tell(uut, atom::attach_v, what);
  advance(1s);
  EXPECT_EQ(remembered.back(), 108u);
}

TEST_F(writer_test, tells_that_a_file_cannot_be_rotated) {
  std::filesystem::create_directory(file("web.log.1"));
  auto what = to("web.log", reader(fifo));
  what.settings.size = 4;
  what.settings.keep = 1;
  tell(uut, atom::attach_v, what);
  fifo.write("123\n45\n");
  run();
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::not_rotated);
  EXPECT_EQ(content("web.log"), "123\n45\n");
}

// -- those who watch ----------------------------------------------------------

TEST_F(writer_test, copies_output_to_those_who_watch) {
  heard_output one;
  heard_output two;
  attach();
  watch(one);
  watch(two);
  fifo.write("hello\n");
  run();
  EXPECT_EQ(one.text, "hello\n");
  EXPECT_EQ(two.text, "hello\n");
  EXPECT_EQ(content("web.log"), "hello\n");
}

TEST_F(writer_test, copies_to_one_who_watched_before_there_was_a_child) {
  heard_output x;
  watch(x);
  attach();
  fifo.write("hello\n");
  run();
  EXPECT_EQ(x.text, "hello\n");
}

TEST_F(writer_test, says_which_stream_it_was) {
  test::test_fifo error{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(error.reader());
  tell(uut, atom::attach_v, to("web.log", fds));
  heard_output x;
  watch(x);
  fifo.write("out\n");
  run();
  EXPECT_EQ(x.number, 0u);
  error.write("err\n");
  run();
  EXPECT_EQ(x.number, 1u);
}

TEST_F(writer_test, copies_no_more_to_those_who_leave) {
  attach();
  heard_output one;
  heard_output two;
  auto who = watch(one);
  watch(two);
  tell(uut, atom::withdraw_v, std::string{"web#0"}, output_listener_actor{who});
  fifo.write("hello\n");
  run();
  EXPECT_EQ(one.text, "");
  EXPECT_EQ(two.text, "hello\n");
}

TEST_F(writer_test, forgets_those_who_ended) {
  attach();
  heard_output x;
  auto who = spawn(listener, &x);
  auto& references = caf::actor_cast<caf::strong_actor_ptr>(who)->strong_refs;
  auto before = references.load();
  tell(uut, atom::watch_v, std::string{"web#0"}, output_listener_actor{who});
  EXPECT_GT(references, before);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  settle();
  fifo.write("hello\n");
  run();
  EXPECT_EQ(x.pieces, 0u);
  EXPECT_LE(references, before) << "the dead are kept";
  EXPECT_EQ(content("web.log"), "hello\n");
}

TEST_F(writer_test, copies_once_to_one_who_asks_twice) {
  attach();
  heard_output x;
  auto who = watch(x);
  tell(uut, atom::watch_v, std::string{"web#0"}, output_listener_actor{who});
  fifo.write("hello\n");
  run();
  EXPECT_EQ(x.text, "hello\n");
}

TEST_F(writer_test, copies_the_last_output_before_it_answers_the_end) {
  attach();
  heard_output x;
  watch(x);
  fifo.write("last words\n");
  finish();
  EXPECT_EQ(x.text, "last words\n");
  EXPECT_TRUE(x.last);
}

TEST_F(writer_test, answers_the_end_when_those_who_watch_have_dealt_with_it) {
  attach();
  heard_output x;
  x.answers = false;
  auto who = watch(x);
  fifo.write("last words\n");
  auto end = self->request(uut, caf::infinite, atom::finish_v,
                           std::string{"web#0"});
  run();
  EXPECT_TRUE(x.last);
  EXPECT_FALSE(self->has_next_message());
  tell(who, atom::tick_v);
  ASSERT_TRUE(self->has_next_message());
  end.receive([](const drained_output& y) { EXPECT_EQ(y.moved, 11u); },
              [](caf::error&) { FAIL(); });
}

TEST_F(writer_test, does_not_wait_for_those_who_leave_or_die) {
  attach();
  for (auto dies : {true, false}) {
    heard_output x;
    x.answers = false;
    auto who = watch(x);
    fifo.write("last words\n");
    auto end = self->request(uut, caf::infinite, atom::finish_v,
                             std::string{"web#0"});
    run();
    if (dies)
      caf::anon_send_exit(who, caf::exit_reason::kill);
    else
      tell(uut, atom::withdraw_v, std::string{"web#0"},
           output_listener_actor{who});
    settle();
    ASSERT_TRUE(self->has_next_message());
    end.receive([](const drained_output&) {}, [](caf::error&) { FAIL(); });
    if (!dies)
      tell(who, atom::tick_v);
  }
}

TEST_F(writer_test, tells_of_the_end_also_those_who_do_not_keep_up) {
  attach();
  heard_output x;
  x.answers = false;
  auto who = watch(x);
  for (auto i = 0; i < 32; ++i) { // 2 MiB
    fifo.write(std::string(65'536, 'x'));
    run();
  }
  self->send(uut, atom::finish_v, std::string{"web#0"});
  run();
  EXPECT_TRUE(x.last);
  EXPECT_EQ(x.missed, 32 * 65'536 - writer_state::watcher_credit);
  tell(who, atom::tick_v);
}

TEST_F(writer_test, skips_and_counts_for_those_who_do_not_keep_up) {
  attach();
  heard_output slow;
  heard_output quick;
  slow.answers = false;
  auto who = watch(slow);
  watch(quick);
  const std::string piece(65'536, 'x');
  for (auto i = 0; i < 32; ++i) { // 2 MiB
    ASSERT_EQ(fifo.write(piece), piece.size());
    run();
  }
  EXPECT_EQ(slow.text.size(), writer_state::watcher_credit);
  EXPECT_EQ(quick.text.size(), 32 * piece.size());
  EXPECT_EQ(quick.missed, 0u);
  // As soon as it answers it hears what it missed, then what comes.
  tell(who, atom::tick_v);
  EXPECT_EQ(slow.missed, 32 * piece.size() - writer_state::watcher_credit);
  fifo.write("now\n");
  run();
  EXPECT_TRUE(slow.text.ends_with("now\n"));
}

} // namespace
} // namespace saker
