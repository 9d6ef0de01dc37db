#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

using gateway_test = test::gateway_world;

TEST_F(gateway_test, lists_its_clients_by_id) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  auto text = std::string{
    command({"CLIENT", "LIST"}, resp::command_id::client_list).text()};
  EXPECT_EQ(text.substr(0, 5), "id=1 ");
  EXPECT_NE(text.find("\nid=2 "), std::string::npos) << text;
}

TEST_F(gateway_test, kills_those_who_were_meant) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  auto kill = resp::command_id::client_kill;
  EXPECT_EQ(command({"CLIENT", "KILL", "ID", "77"}, kill), resp::value{0});
  EXPECT_TRUE(command({"CLIENT", "KILL", "ID", "x"}, kill).is_error());
  EXPECT_TRUE(command({"CLIENT", "KILL", "1.2.3.4:5"}, kill).is_error());
  EXPECT_EQ(command({"CLIENT", "KILL", "ID", "1"}, kill), resp::value{1});
  EXPECT_TRUE(wires[0]->is_closed());
  EXPECT_FALSE(wires[1]->is_closed());
  EXPECT_EQ(figures.clients.get(), 1);
}

TEST_F(gateway_test, answers_whoever_kills_itself_and_nothing_behind_it) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT KILL SKIPME yes\r\nCLIENT KILL SKIPME no\r\nPING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), ":0\r\n:1\r\n");
  EXPECT_TRUE(wires[0]->finished());
}

TEST_F(gateway_test, answers_a_transaction_in_which_a_client_kills_itself) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("MULTI\r\nPING\r\nCLIENT KILL SKIPME no\r\nECHO x\r\nEXEC\r\n"
                 "PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
                                  "*3\r\n+PONG\r\n:1\r\n$1\r\nx\r\n");
  EXPECT_TRUE(wires[0]->finished());
}

TEST_F(gateway_test, holds_the_commands_of_all_until_a_pause_is_over) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  wires[0]->send("CLIENT PAUSE 1000 WRITE\r\nPUBLISH x y\r\nPING\r\n");
  wires[1]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n");
  EXPECT_EQ(wires[1]->received(), "+PONG\r\n");
  EXPECT_EQ(figures.blocked.get(), 1);
  wires[1]->send("CLIENT PAUSE 500\r\nPING\r\n"); // stricter, no shorter
  settle();
  auto c = connect();
  wires[2]->send("PING\r\n");
  settle();
  EXPECT_EQ(figures.blocked.get(), 3);
  advance(std::chrono::milliseconds{999});
  EXPECT_EQ(wires[1]->received(), "+OK\r\n");
  advance(std::chrono::milliseconds{1});
  EXPECT_EQ(wires[0]->received(), ":0\r\n+PONG\r\n");
  EXPECT_EQ(wires[1]->received(), "+PONG\r\n");
  EXPECT_EQ(wires[2]->received(), "+PONG\r\n");
  EXPECT_EQ(figures.blocked.get(), 0);
}

TEST_F(gateway_test, ends_a_pause_when_it_is_asked_to) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT PAUSE 99999999999999\r\nPING\r\nCLIENT UNPAUSE\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n");
  auto b = connect();
  wires[1]->send("CLIENT UNPAUSE\r\nPING\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "+OK\r\n+PONG\r\n");
  EXPECT_EQ(wires[0]->received(), "+PONG\r\n+OK\r\n");
  EXPECT_EQ(command({"CLIENT", "PAUSE", "x"}, resp::command_id::client_pause),
            resp::err("timeout is not an integer or out of range"));
}

TEST_F(gateway_test, unblocks_nobody_who_does_not_wait) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto unblock = resp::command_id::client_unblock;
  EXPECT_EQ(command({"CLIENT", "UNBLOCK", "1"}, unblock), resp::value{0});
  EXPECT_EQ(command({"CLIENT", "UNBLOCK", "77", "error"}, unblock),
            resp::value{0});
  EXPECT_TRUE(command({"CLIENT", "UNBLOCK", "x"}, unblock).is_error());
}

TEST_F(gateway_test, knows_whom_tracking_may_be_redirected_to) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT TRACKING on REDIRECT 77\r\n"
                 "CLIENT TRACKING on REDIRECT 1\r\nCLIENT GETREDIR\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(),
            "-ERR The client ID you want redirect to does not exist\r\n"
            "+OK\r\n:1\r\n");
  EXPECT_EQ(figures.tracking.get(), 1);
  wires[0]->send("RESET\r\n");
  settle();
  EXPECT_EQ(figures.tracking.get(), 0);
}

} // namespace
} // namespace saker
