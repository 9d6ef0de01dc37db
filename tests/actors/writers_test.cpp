#include "tests/support/writers_world.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

using test::silent_listener;
using writers_test = test::writers_world;

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

// -- those who watch ----------------------------------------------------------

TEST_F(writers_test, tells_the_writer_of_those_who_watch) {
  auto who = spawn(silent_listener, 0);
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
  auto who = spawn(silent_listener, 0);
  attach("a#0", "/log/a");
  tell(uut, atom::watch_v, std::string{"a#0"}, who);
  heard(0);
  attach("a#0", "/1/a");
  EXPECT_EQ(heard(0), (words{"detach a#0", "withdraw a#0"}));
  EXPECT_EQ(heard(1), (words{"watch a#0", "attach a#0 /1/a 1"}));
}

TEST_F(writers_test, forgets_those_who_ended) {
  auto who = spawn(silent_listener, 0);
  tell(uut, atom::watch_v, std::string{"a#0"}, who);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  settle();
  attach("a#0", "/log/a");
  EXPECT_EQ(heard(0), (words{"attach a#0 /log/a 1"}));
}

} // namespace
} // namespace saker
