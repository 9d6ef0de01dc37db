#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using gateway_test = test::gateway_world;

TEST_F(gateway_test, ends_clients_that_are_idle_for_too_long) {
  links->live->idle = 10s;
  tell(uut, atom::open_v);
  auto a = connect();
  advance(5s);
  auto b = connect();
  wires[1]->send("SUBSCRIBE x\r\n");
  auto c = connect();
  advance(5s);
  EXPECT_TRUE(wires[0]->is_closed());
  wires[2]->send("PING\r\n");
  settle();
  advance(9s);
  EXPECT_FALSE(wires[2]->is_closed());
  advance(2s);
  EXPECT_TRUE(wires[2]->is_closed());
  advance(60s);
  EXPECT_FALSE(wires[1]->is_closed());
  wires[1]->send("UNSUBSCRIBE\r\n");
  settle();
  advance(20s);
  EXPECT_TRUE(wires[1]->is_closed());
  EXPECT_EQ(figures.clients.get(), 0);
}

TEST_F(gateway_test, ends_idle_clients_with_one_timer_and_none_for_nobody) {
  auto& timers = coordinator().clock().schedule();
  tell(uut, atom::open_v);
  auto a = connect();
  EXPECT_TRUE(timers.empty()); // nothing is asked for
  EXPECT_EQ(command({"CONFIG", "SET", "timeout", "100000"},
                    resp::command_id::config_set),
            resp::ok());
  advance(3s); // the disk has that long to keep what was set
  EXPECT_EQ(timers.size(), 1u);
  auto due = timers.begin()->first;
  for (auto id = 2; id < 100; ++id) {
    auto x = connect();
    wires.back()->send("PING\r\n");
    settle();
    command({"CLIENT", "KILL", "ID", std::to_string(id)},
            resp::command_id::client_kill);
  }
  EXPECT_EQ(figures.clients.get(), 1);
  EXPECT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers.begin()->first, due); // it did not wake up in between
  advance(100'000s);
  EXPECT_EQ(figures.clients.get(), 0);
  advance(100'000s);
  EXPECT_TRUE(timers.empty()); // nobody is there
}

TEST_F(gateway_test, ends_clients_by_a_shorter_time_that_is_set_later) {
  auto set = resp::command_id::config_set;
  tell(uut, atom::open_v);
  auto a = connect();
  command({"CONFIG", "SET", "timeout", "100000"}, set);
  advance(500s);
  command({"CONFIG", "SET", "timeout", "600"}, set);
  advance(99s);
  EXPECT_FALSE(wires[0]->is_closed());
  advance(2s);
  EXPECT_TRUE(wires[0]->is_closed());
  auto b = connect();
  command({"CONFIG", "SET", "timeout", "0"}, set);
  advance(200'000s);
  EXPECT_FALSE(wires[1]->is_closed());
  command({"CONFIG", "SET", "timeout", "5"}, set); // idle for longer already
  advance(1s);
  EXPECT_TRUE(wires[1]->is_closed());
}

} // namespace
} // namespace saker
