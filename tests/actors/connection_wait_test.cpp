#include "tests/support/connection_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using test::desk;
using test::desk_state;

using connection_test = test::connection_world;

TEST_F(connection_test, delays_the_answer_to_a_wrong_password) {
  auto users = std::make_shared<acl::user_list>();
  ASSERT_TRUE(users->change("default", std::vector<std::string>{">secret"}));
  settings->users = users;
  settings->auth_delay = 100ms;
  auto x = connect();
  EXPECT_EQ(say(x, "AUTH wrong\r\n"), "");
  advance(100ms);
  EXPECT_EQ(x.wire->received().substr(0, 10), "-WRONGPASS");
  EXPECT_EQ(say(x, "AUTH secret\r\n"), "+OK\r\n");
}

// -- CLIENT UNBLOCK --------------------------------------------------------------------

TEST_F(connection_test, waits_no_more_for_other_nodes_either) {
  desk_state* cluster = nullptr;
  auto nodes = spawn(desk, &cluster);
  links->cluster = caf::actor_cast<command_actor>(nodes);
  auto x = connect();
  say(x, "SVWAIT web@b running 100000\r\n");
  ASSERT_EQ(cluster->open.size(), 1u);
  auto free = ask<bool>(x.actor, atom::forget_v, false);
  EXPECT_TRUE(free && *free);
  EXPECT_EQ(cluster->withdrawn, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(x.wire->received(), "");
  tell(nodes, atom::report_v, std::size_t{0}, resp::value{2});
  EXPECT_EQ(x.wire->received(), ":2\r\n");
  say(x, "SVWAIT web@b running 100000\r\n");
  x.wire->hang_up();
  settle();
  EXPECT_EQ(cluster->withdrawn, (std::vector<std::uint64_t>{1, 1}));
  links->cluster = command_actor{};
}

TEST_F(connection_test, is_unblocked_by_an_error_or_by_the_roster) {
  auto x = connect();
  say(x, "SVWAIT web running 100000\r\n");
  EXPECT_EQ(figures.blocked.get(), 1);
  auto free = ask<bool>(x.actor, atom::forget_v, true);
  ASSERT_TRUE(free);
  EXPECT_TRUE(*free);
  EXPECT_EQ(x.wire->received(),
            "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  EXPECT_EQ(roster->withdrawn, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(figures.blocked.get(), 0);
  answer(0, resp::value{1}); // too late
  EXPECT_EQ(x.wire->received(), "");
  say(x, "SVWAIT web running 100000\r\n");
  free = ask<bool>(x.actor, atom::forget_v, false);
  EXPECT_TRUE(free && *free);
  EXPECT_EQ(x.wire->received(), "");
  answer(1, resp::value{3});
  EXPECT_EQ(x.wire->received(), ":3\r\n");
  free = ask<bool>(x.actor, atom::forget_v, true);
  EXPECT_TRUE(free && !*free);
}

TEST_F(connection_test, goes_on_when_all_it_waited_for_left_at_once) {
  settings->reply_pause = 1'000;
  auto x = connect();
  x.wire->accept_at_most(0);
  x.wire->send("ECHO " + std::string(2'000, 'x') + "\r\n");
  settle();
  x.wire->send("PING\r\n");
  settle();
  x.wire->accept_at_most(SIZE_MAX);
  EXPECT_EQ(x.wire->received(), "$2000\r\n" + std::string(2'000, 'x') + "\r\n");
  settle();
  EXPECT_EQ(x.wire->received(), "+PONG\r\n");
}

// -- idle clients --------------------------------------------------------------------

TEST_F(connection_test, ends_when_it_is_told_to_unless_bytes_came_in) {
  auto x = connect();
  links->live->idle = 10s;
  advance(9s);
  EXPECT_EQ(say(x, "PING\r\n"), "+PONG\r\n");
  advance(9s);
  tell(x.actor, atom::wait_v);
  EXPECT_FALSE(x.wire->is_closed());
  advance(1s);
  links->live->idle = 0s; // meanwhile
  tell(x.actor, atom::wait_v);
  EXPECT_FALSE(x.wire->is_closed());
  links->live->idle = 10s;
  tell(x.actor, atom::wait_v);
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, lets_those_be_who_listen_or_wait) {
  links->live->idle = 10s;
  auto listener = connect();
  auto waiter = connect();
  auto watcher = connect();
  auto held = connect();
  say(listener, "SUBSCRIBE a\r\n");
  say(watcher, "MONITOR\r\n");
  say(waiter, "SVWAIT web running 100000\r\n");
  links->live->sessions = settings;
  links->live->suspended = session::suspension::all;
  tell(held.actor, atom::change_v);
  say(held, "PING\r\n");
  advance(35s);
  for (auto* each : {&listener, &waiter, &watcher, &held}) {
    tell(each->actor, atom::wait_v);
    EXPECT_FALSE(each->wire->is_closed());
  }
  EXPECT_TRUE(
    links->activity->look(coordinator().clock().now() - 10s).idle.empty());
}

TEST_F(connection_test, is_not_idle_when_what_it_waited_for_is_answered) {
  links->live->idle = 10s;
  auto x = connect();
  say(x, "SVWAIT web running 100000\r\n");
  advance(60s);
  answer(0, resp::value{1});
  tell(x.actor, atom::wait_v);
  EXPECT_FALSE(x.wire->is_closed());
  advance(10s);
  tell(x.actor, atom::wait_v);
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, sets_no_timer_for_a_client_that_is_idle) {
  links->live->idle = 100'000s;
  auto before = coordinator().clock().schedule().size();
  auto x = connect();
  say(x, "PING\r\n");
  EXPECT_EQ(coordinator().clock().schedule().size(), before);
}

} // namespace
} // namespace saker
