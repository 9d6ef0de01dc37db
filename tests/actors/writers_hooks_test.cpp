#include "tests/support/writers_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using test::silent_listener;
using writers_test = test::writers_world;

TEST_F(writers_test, gives_lines_of_hooks_to_where_the_key_is) {
  attach("a#0", "/log/a");
  attach("b#0", "/1/b");
  tell(uut, atom::emit_v, added_lines{"b#0", "/1/b", {}, "[after] x\n"});
  EXPECT_EQ(heard(1), (words{"attach b#0 /1/b 1", "emit b#0 10"}));
}

TEST_F(writers_test, knows_a_key_by_its_hooks_before_its_first_child) {
  attach("a#0", "/log/a");
  heard(0);
  auto who = spawn(silent_listener, 0);
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
  auto who = spawn(silent_listener, 0);
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

} // namespace
} // namespace saker
