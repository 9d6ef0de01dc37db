#include "actors/writers.hpp"

#include "messages/error.hpp"
#include "tests/support/actor_test.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

/// A WRITER that only says what it was asked; while it hangs it answers
/// nothing.
struct fake_file_writer {
  std::vector<std::string> heard;
  bool hangs = false;
  handed_fds gives; ///< to `detach`
  std::shared_ptr<writer_pulse> pulse;
  std::vector<std::function<void()>> owed;
};

template <class T, class Self>
caf::result<T> answer(Self* self, fake_file_writer* to, T value) {
  if (!to->hangs)
    return value;
  auto promise = self->template make_response_promise<T>();
  to->owed.push_back([promise, value]() mutable { promise.deliver(value); });
  return promise;
}

file_writer_actor::behavior_type
fake(file_writer_actor::pointer self, fake_file_writer* to) {
  return {
    [=](atom::attach, const output_attachment& x) {
      auto fds = x.fds ? x.fds->size() : 0;
      to->heard.push_back("attach " + x.key + " " + x.files.at(0) + " "
                          + std::to_string(fds) + (x.lost > 0 ? " lost" : ""));
      return answer(self, to, caf::unit);
    },
    [=](atom::detach, const std::string& key) {
      to->heard.push_back("detach " + key);
      return answer(self, to,
                    to->gives ? to->gives
                              : std::make_shared<std::vector<unique_fd>>());
    },
    [=](atom::emit, const added_lines& x) {
      to->heard.push_back("emit " + x.key + " "
                          + std::to_string(x.text.size()));
      return answer(self, to, caf::unit);
    },
    [=](atom::finish, const std::string& key) {
      to->heard.push_back("finish " + key);
      return answer(self, to, drained_output{key, 7, 0, 0});
    },
    [=](atom::tail, const std::string& path, std::uint32_t lines) {
      to->heard.push_back("tail " + path + " " + std::to_string(lines));
      return answer(self, to, std::string{"the end"});
    },
    [=](atom::rotate, const std::string& key) -> caf::result<bool> {
      to->heard.push_back("rotate " + key);
      return to_error(fail(errc::not_found, "no such key"));
    },
    [=](atom::clear, const std::string& key) {
      to->heard.push_back("clear " + key);
      return true;
    },
    [=](atom::watch, const std::string& key, const output_listener_actor&) {
      to->heard.push_back("watch " + key);
    },
    [=](atom::withdraw, const std::string& key, const output_listener_actor&) {
      to->heard.push_back("withdraw " + key);
    },
    [=](atom::listen, const log_listener_actor&) {
      to->heard.push_back("listen");
    },
    [](atom::readable, std::uint64_t) {},
    [](atom::pump, std::uint64_t) {},
    [to](atom::tick) { // it recovers
      to->hangs = false;
      for (auto& x : std::exchange(to->owed, {}))
        x();
    },
    [](atom::expire, std::uint64_t) {},
  };
}

/// What the DRAIN was asked; each key has lost so much.
struct fake_drainage {
  std::vector<std::string> heard;
  std::uint64_t lost = 0;
};

drain_actor::behavior_type fake_drain(drain_actor::pointer, fake_drainage* to) {
  return {
    [to](atom::attach, const std::string& key, std::uint32_t count) {
      to->heard.push_back("attach " + key + " " + std::to_string(count));
    },
    [to](atom::detach, const std::string& key) {
      to->heard.push_back("detach " + key);
      return to->lost;
    },
    [](atom::readable, std::uint64_t) {},
    [](atom::expire, std::uint64_t) {},
  };
}

/// The argument is only there because CAF 0.17 binds a null reference for an
/// actor without any, which UBSan tells.
output_listener_actor::behavior_type
silent(output_listener_actor::pointer, int) {
  return {
    [](atom::deliver, const output_copy&) { return caf::unit; },
  };
}

class writers_test : public test::actor_test {
protected:
  writers_test() {
    // Ten file systems: /0, /1 …; all else is on the last one.
    for (auto i = 0; i < 10; ++i)
      mounts += "1 1 0:" + std::to_string(i + 1) + " / /" + std::to_string(i)
                + " rw - x x rw\n";
    mounts += "1 1 0:99 / / rw - x x rw\n";
    writers_links links;
    links.make = [this](auto pulse) { return make(std::move(pulse)); };
    links.make_drain = [this] {
      return drain = sys.spawn(fake_drain, &drained);
    };
    links.mounts = [this]() -> result<process::mount_table> {
      ++looks;
      return process::mount_table::parse(mounts);
    };
    links.warn = [this](const std::string& x) { warned.push_back(x); };
    uut = spawn(writers, std::move(links));
  }

  file_writer_actor make(std::shared_ptr<writer_pulse> pulse) {
    if (!can_make)
      return {};
    auto& one = crew.emplace_back(std::make_unique<fake_file_writer>());
    one->pulse = std::move(pulse);
    return made.emplace_back(sys.spawn(fake, one.get()));
  }

  void TearDown() override {
    for (auto& x : std::exchange(made, {}))
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    if (auto x = std::exchange(drain, {}))
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    for (auto& x : crew)
      x->pulse.reset();
    actor_test::TearDown();
  }

  void attach(const std::string& key, const std::string& file,
              std::size_t fifos = 1, std::uint64_t lost = 0) {
    output_attachment x;
    x.key = key;
    x.files = {file};
    x.lost = lost;
    if (fifos > 0)
      x.fds = std::make_shared<std::vector<unique_fd>>(fifos);
    tell(uut, atom::attach_v, x);
  }

  /// The first WRITER hangs no more.
  void recover() {
    tell(made.at(0), atom::tick_v);
  }

  /// What the WRITER of that number was asked since the last time.
  std::vector<std::string> heard(std::size_t which) {
    return std::exchange(crew.at(which)->heard, {});
  }

  using words = std::vector<std::string>;

  std::string mounts;
  int looks = 0;
  bool can_make = true;
  drain_actor drain;
  fake_drainage drained;
  std::vector<std::string> warned;
  std::deque<std::unique_ptr<fake_file_writer>> crew;
  std::vector<file_writer_actor> made;
  writer_actor uut;
};

// -- who is at home where -----------------------------------------------------

TEST_F(writers_test, has_one_writer_for_each_file_system) {
  EXPECT_EQ(crew.size(), 1u);
  attach("a#0", "/log/a");
  attach("b#0", "/log/b");
  EXPECT_EQ(crew.size(), 1u);
  attach("c#0", "/1/c");
  attach("d#0", "/2/d");
  attach("e#0", "/1/e");
  ASSERT_EQ(crew.size(), 3u);
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1", "attach b#0 /log/b 1"}));
  EXPECT_EQ(heard(1), (words{"attach c#0 /1/c 1", "attach e#0 /1/e 1"}));
  EXPECT_EQ(heard(2), (words{"attach d#0 /2/d 1"}));
}

TEST_F(writers_test, says_once_that_pipes_hold_less_than_usual) {
  auto attach_pipe = [this](int size) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    unique_fd in{ends[0]};
    unique_fd out{ends[1]};
    ASSERT_GE(::fcntl(out.get(), F_SETPIPE_SZ, size), 0);
    output_attachment x;
    x.key = "a#0";
    x.files = {"/log/a"};
    x.fds = std::make_shared<std::vector<unique_fd>>();
    x.fds->push_back(std::move(in));
    tell(uut, atom::attach_v, x);
  };
  attach_pipe(64 << 10);
  EXPECT_TRUE(warned.empty());
  attach_pipe(8 << 10);
  attach_pipe(8 << 10);
  ASSERT_EQ(warned.size(), 1u);
  EXPECT_EQ(warned[0].substr(0, 64), "the output pipe of a#0 holds 8192 bytes "
                                     "instead of 65536, and so");
  EXPECT_NE(warned[0].find("pipe-user-pages-soft"), std::string::npos);
}

TEST_F(writers_test, shares_writers_when_there_are_too_many_file_systems) {
  for (auto i = 0; i < 10; ++i) {
    auto n = std::to_string(i);
    attach(n + "#0", "/" + n + "/x");
  }
  EXPECT_EQ(crew.size(), writers_state::most);
  EXPECT_EQ(heard(0), (words{"attach 0#0 /0/x 1", "attach 8#0 /8/x 1"}));
  EXPECT_EQ(heard(1), (words{"attach 1#0 /1/x 1", "attach 9#0 /9/x 1"}));
}

TEST_F(writers_test, shares_a_writer_while_no_other_can_be_made) {
  attach("a#0", "/log/a");
  can_make = false;
  attach("b#0", "/1/b");
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1", "attach b#0 /1/b 1"}));
  can_make = true;
  attach("c#0", "/1/c");
  ASSERT_EQ(crew.size(), 2u);
  EXPECT_EQ(heard(1), (words{"attach c#0 /1/c 1"}));
}

TEST_F(writers_test, looks_what_is_mounted_once_a_second) {
  for (auto i = 0; i < 5; ++i)
    attach("a#0", "/mnt/a");
  EXPECT_EQ(looks, 1);
  mounts += "1 1 0:50 / /mnt rw - x x rw\n";
  advance(1s);
  attach("b#0", "/mnt/b");
  EXPECT_EQ(looks, 2);
  ASSERT_EQ(crew.size(), 2u);
  EXPECT_EQ(heard(1), (words{"attach b#0 /mnt/b 1"}));
}

// -- requests -----------------------------------------------------------------

TEST_F(writers_test, passes_requests_on_to_where_the_key_or_the_file_is) {
  attach("a#0", "/log/a");
  attach("b#0", "/1/b");
  heard(1);
  EXPECT_EQ(ask<drained_output>(uut, atom::finish_v, std::string{"b#0"})->moved,
            7u);
  EXPECT_EQ(
    *ask<std::string>(uut, atom::tail_v, std::string{"/1/b"}, std::uint32_t{3}),
    "the end");
  auto rotated = ask<bool>(uut, atom::rotate_v, std::string{"b#0"});
  ASSERT_FALSE(rotated);
  EXPECT_EQ(to_failure(rotated.error()).detail, "no such key");
  EXPECT_TRUE(ask<bool>(uut, atom::clear_v, std::string{"b#0"}));
  tell(uut, atom::detach_v, std::string{"b#0"});
  EXPECT_EQ(heard(1), (words{"finish b#0", "tail /1/b 3", "rotate b#0",
                             "clear b#0", "detach b#0"}));
}

TEST_F(writers_test, answers_itself_for_a_key_that_nobody_knows) {
  EXPECT_EQ(ask<drained_output>(uut, atom::finish_v, std::string{"x#0"})->key,
            "x#0");
  tell(uut, atom::detach_v, std::string{"x#0"});
  attach("x#0", "/log/x", 0); // settings for what was never attached
  EXPECT_EQ(heard(0), words{});
  EXPECT_FALSE(ask<bool>(uut, atom::rotate_v, std::string{"x#0"}));
}

TEST_F(writers_test, tells_all_of_them_who_hears_of_trouble) {
  attach("a#0", "/log/a");
  tell(uut, atom::listen_v, caf::actor_cast<log_listener_actor>(self));
  attach("b#0", "/1/b");
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1", "listen"}));
  EXPECT_EQ(heard(1), (words{"listen", "attach b#0 /1/b 1"}));
}

// -- lines of hooks -----------------------------------------------------------

TEST_F(writers_test, gives_lines_of_hooks_to_where_the_key_is) {
  attach("a#0", "/log/a");
  attach("b#0", "/1/b");
  tell(uut, atom::emit_v, added_lines{"b#0", "/1/b", {}, "[after] x\n"});
  EXPECT_EQ(heard(1), (words{"attach b#0 /1/b 1", "emit b#0 10"}));
}

TEST_F(writers_test, knows_a_key_by_its_hooks_before_its_first_child) {
  attach("a#0", "/log/a");
  heard(0);
  auto who = spawn(silent, 0);
  tell(uut, atom::watch_v, std::string{"b#0"}, who);
  tell(uut, atom::emit_v, added_lines{"b#0", "/1/b", {}, "[before] x\n"});
  attach("b#0", "/1/b");
  EXPECT_EQ(heard(0), words{});
  EXPECT_EQ(heard(1), (words{"watch b#0", "emit b#0 11", "attach b#0 /1/b 1"}));
  tell(uut, atom::detach_v, std::string{"b#0"});
  EXPECT_EQ(heard(1), (words{"detach b#0"}));
}

TEST_F(writers_test, gives_lines_to_where_the_key_moves_to) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  crew[0]->gives = std::make_shared<std::vector<unique_fd>>(1);
  attach("a#0", "/1/a", 0);
  tell(uut, atom::emit_v, added_lines{"a#0", "/1/a", {}, "[reload] x\n"});
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1", "detach a#0"}));
  EXPECT_EQ(heard(1), (words{"emit a#0 11"}));
  recover();
  EXPECT_EQ(heard(1), (words{"attach a#0 /1/a 1"}));
}

TEST_F(writers_test, drops_lines_without_a_file_that_nobody_watches) {
  tell(uut, atom::emit_v, added_lines{"b#0", "", {}, "[before] x\n"});
  EXPECT_EQ(heard(0), words{});
  auto who = spawn(silent, 0);
  tell(uut, atom::watch_v, std::string{"b#0"}, who);
  tell(uut, atom::emit_v, added_lines{"b#0", "", {}, "[before] x\n"});
  EXPECT_EQ(heard(0), (words{"watch b#0", "emit b#0 11"}));
}

TEST_F(writers_test, leaves_lines_out_when_too_many_wait_for_one_that_hangs) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  heard(0);
  std::string half(writers_state::most_added / 2, '\n');
  auto emit = [&](const std::string& text) {
    tell(uut, atom::emit_v, added_lines{"a#0", "/log/a", {}, text});
  };
  emit(half);
  emit(half);
  EXPECT_EQ(heard(0).size(), 2u);
  EXPECT_TRUE(warned.empty());
  emit("\n");
  emit("\n");
  EXPECT_EQ(heard(0), words{});
  ASSERT_EQ(warned.size(), 1u);
  EXPECT_NE(warned[0].find("a#0"), std::string::npos);
  EXPECT_NE(warned[0].find("/log/a"), std::string::npos);
  recover();
  emit("\n");
  EXPECT_EQ(heard(0), (words{"emit a#0 1"}));
}

TEST_F(writers_test, has_nothing_to_drain_for_a_key_without_a_child) {
  tell(uut, atom::emit_v, added_lines{"a#0", "/log/a", {}, "[before] x\n"});
  crew[0]->pulse->begin(coordinator().clock().now());
  settle();
  advance(5s);
  EXPECT_EQ(drained.heard, words{});
  EXPECT_FALSE(warned.empty());
  crew[0]->pulse->end();
}

// -- a key that moves ---------------------------------------------------------

TEST_F(writers_test, moves_a_running_child_to_another_file_system) {
  attach("a#0", "/log/a");
  attach("b#0", "/1/b");
  crew[0]->gives = std::make_shared<std::vector<unique_fd>>(2);
  heard(0);
  heard(1);
  attach("a#0", "/1/a", 0);
  EXPECT_EQ(heard(0), (words{"detach a#0"}));
  EXPECT_EQ(heard(1), (words{"attach a#0 /1/a 2"}));
  ask<drained_output>(uut, atom::finish_v, std::string{"a#0"});
  EXPECT_EQ(heard(1), (words{"finish a#0"}));
}

TEST_F(writers_test, does_what_came_while_a_key_moved) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  crew[0]->gives = std::make_shared<std::vector<unique_fd>>(2);
  attach("a#0", "/1/a", 0, 5);
  attach("a#0", "/1/b", 0);
  EXPECT_EQ(heard(1), words{});
  recover();
  EXPECT_EQ(heard(1), (words{"attach a#0 /1/b 2 lost"}));
}

TEST_F(writers_test, forgets_a_key_though_it_moves) {
  attach("a#0", "/log/a");
  crew[0]->hangs = true;
  crew[0]->gives = std::make_shared<std::vector<unique_fd>>(1);
  attach("a#0", "/1/a", 0);
  tell(uut, atom::detach_v, std::string{"a#0"});
  recover();
  EXPECT_EQ(heard(1), words{});
}

// -- one that hangs -----------------------------------------------------------

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

// -- those who watch ----------------------------------------------------------

TEST_F(writers_test, tells_the_writer_of_those_who_watch) {
  auto who = spawn(silent, 0);
  tell(uut, atom::watch_v, std::string{"a#0"}, who); // before there is a child
  attach("a#0", "/log/a");
  EXPECT_EQ(heard(0), (words{"watch a#0", "attach a#0 /log/a 1"}));
  tell(uut, atom::withdraw_v, std::string{"a#0"}, who);
  tell(uut, atom::withdraw_v, std::string{"a#0"}, who);
  tell(uut, atom::watch_v, std::string{"a#0"}, who);
  tell(uut, atom::watch_v, std::string{"a#0"}, who);
  EXPECT_EQ(heard(0),
            (words{"withdraw a#0", "watch a#0", "withdraw a#0", "watch a#0"}));
}

TEST_F(writers_test, lets_those_who_watch_move_with_the_key) {
  auto who = spawn(silent, 0);
  attach("a#0", "/log/a");
  tell(uut, atom::watch_v, std::string{"a#0"}, who);
  heard(0);
  attach("a#0", "/1/a");
  EXPECT_EQ(heard(0), (words{"detach a#0", "withdraw a#0"}));
  EXPECT_EQ(heard(1), (words{"watch a#0", "attach a#0 /1/a 1"}));
}

TEST_F(writers_test, forgets_those_who_ended) {
  auto who = spawn(silent, 0);
  tell(uut, atom::watch_v, std::string{"a#0"}, who);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  settle();
  attach("a#0", "/log/a");
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1"}));
}

} // namespace
} // namespace saker
