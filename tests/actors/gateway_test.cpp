#include "tests/support/gateway_world.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace saker {
namespace {

using gateway_test = test::gateway_world;

TEST_F(gateway_test, accepts_nobody_before_it_is_opened) {
  EXPECT_FALSE(listener);
  tell(uut, atom::open_v);
  EXPECT_TRUE(listener);
}

TEST_F(gateway_test, knows_who_connects_over_a_unix_socket) {
  tell(uut, atom::open_v);
  auto end = connect();
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_TRUE(peers[0].via_unix);
  EXPECT_EQ(peers[0].uid, ::geteuid());
  EXPECT_NE(peers[0].kind, session::peer_kind::stranger);
}

TEST_F(gateway_test, keeps_some_places_for_those_who_own_it) {
  tell(uut, atom::open_v);
  std::vector<unique_fd> clients;
  for (auto i = 0; i < 18; ++i)
    clients.push_back(connect());
  EXPECT_EQ(figures.clients.get(), 18);
  EXPECT_EQ(described, 18);
  clients.push_back(connect());
  EXPECT_EQ(figures.clients.get(), 18);
  EXPECT_EQ(figures.rejected.get(), 1);
  EXPECT_EQ(described, 18); // it would not have mattered
}

TEST_F(gateway_test, refuses_more_clients_than_it_may_have) {
  strangers = true;
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  auto c = connect();
  char text[64] = {};
  ASSERT_GT(::recv(c.get(), text, sizeof(text), MSG_DONTWAIT), 0);
  EXPECT_STREQ(text, "-ERR max number of clients reached\r\n");
  EXPECT_EQ(figures.rejected.get(), 1);
  EXPECT_EQ(figures.clients.get(), 2);
  wires[0]->hang_up();
  settle();
  // The first one is closing: its peer has to hang up for good.
  EXPECT_TRUE(wires[0]->finished());
}

TEST_F(gateway_test, lets_fewer_clients_in_at_once) {
  strangers = true;
  tell(uut, atom::open_v);
  auto a = connect();
  EXPECT_EQ(
    command({"CONFIG", "SET", "maxclients", "1"}, resp::command_id::config_set),
    resp::ok());
  auto b = connect();
  EXPECT_EQ(figures.rejected.get(), 1);
}

TEST_F(gateway_test, says_once_that_descriptors_ran_out) {
  tell(uut, atom::open_v);
  accepting.exhausted(EMFILE);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("LimitNOFILE"), std::string::npos);
}

TEST_F(gateway_test, leaves_those_in_the_kernel_whom_it_cannot_serve_yet) {
  strangers = true;
  tell(uut, atom::open_v);
  EXPECT_TRUE(accepting.room());
  std::vector<unique_fd> clients;
  while (accepting.room() && clients.size() < 1'000) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    accepting.accepted(unique_fd{ends[0]});
    clients.emplace_back(ends[1]);
  }
  EXPECT_EQ(clients.size(), 64u);
  settle();
  EXPECT_EQ(figures.rejected.get(), 62); // of two places
  EXPECT_TRUE(accepting.room());
}

TEST_F(gateway_test, lets_everybody_go_at_the_end) {
  tell(uut, atom::open_v);
  auto a = connect();
  tell(uut, atom::finish_v);
  EXPECT_TRUE(listener->closed);
  EXPECT_TRUE(wires[0]->is_closed());
  EXPECT_EQ(figures.clients.get(), 0);
}

} // namespace
} // namespace saker
