#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

using words = std::vector<std::string>;

using gateway_test = test::gateway_world;

TEST_F(gateway_test, listens_on_a_new_port_before_it_leaves_the_old_one) {
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  tell(uut, atom::open_v);
  auto a = connect();
  EXPECT_EQ(change({"port", "8"}), "OK");
  EXPECT_EQ(keeper.heard, (words{"+127.0.0.1:8", "-127.0.0.1:7"}));
  ASSERT_EQ(listeners.size(), 3u);
  EXPECT_FALSE(listeners[0]->closed); // the UNIX socket
  EXPECT_TRUE(listeners[1]->closed);
  EXPECT_FALSE(listeners[2]->closed);
  wires[0]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+PONG\r\n");
  auto b = connect();
  EXPECT_EQ(peers.back().local_address, "127.0.0.1:8");
  EXPECT_EQ(told_of("port"), "8");
  EXPECT_EQ(live, (config::override_list{{"port", "8"}}));
  auto text = std::string{command({"INFO"}, resp::command_id::info).text()};
  EXPECT_NE(text.find("tcp_port:8\r\n"), text.npos);
}

TEST_F(gateway_test, changes_nothing_if_an_address_is_refused) {
  tell(uut, atom::open_v);
  keeper.refusals["127.0.0.2:8"] = "bind EACCES: Permission denied";
  EXPECT_EQ(
    change({"timeout", "5", "bind", "127.0.0.1 127.0.0.2", "port", "8"}),
    "ERR CONFIG SET failed (possibly related to argument 'port') - "
    "Unable to listen on this port. 127.0.0.2:8: bind EACCES: "
    "Permission denied");
  EXPECT_EQ(keeper.heard, (words{"+127.0.0.1:8", "-127.0.0.1:8"}));
  EXPECT_EQ(told_of("timeout") + told_of("port") + told_of("bind"),
            "07127.0.0.1");
  EXPECT_EQ(listeners.size(), 1u);
  EXPECT_FALSE(live);
  EXPECT_EQ(change({"timeout", "6"}), "OK"); // nothing hangs
}

TEST_F(gateway_test, leaves_alone_what_somebody_listens_on) {
  tell(uut, atom::open_v);
  holders["127.0.0.2:7"] = "nginx (pid 7) has it";
  holders["unix:/y"] = "nginx (pid 7) has it";
  EXPECT_EQ(change({"bind", "127.0.0.1 127.0.0.2"}),
            "ERR CONFIG SET failed (possibly related to argument 'bind') - "
            "Failed to bind to specified addresses. 127.0.0.2:7: "
            "Address already in use: nginx (pid 7) has it");
  EXPECT_EQ(change({"unixsocket", "/y"}),
            "ERR CONFIG SET failed (possibly related to argument 'unixsocket') "
            "- Unable to listen on this socket. unix:/y: "
            "Address already in use: nginx (pid 7) has it");
  EXPECT_EQ(keeper.heard, words{});
  EXPECT_EQ(change({"bind", "127.0.0.1 -127.0.0.2"}), "OK");
  EXPECT_EQ(keeper.heard, words{});
}

TEST_F(gateway_test, gives_up_an_address_first_that_is_in_the_way) {
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  tell(uut, atom::open_v);
  holders["0.0.0.0:7"] = "saker-node (pid 1) has it";
  keeper.refusals["0.0.0.0:7"] = "bind EADDRINUSE: Address already in use";
  words all = {"bind", "*", "requirepass", "secret"};
  EXPECT_NE(change(all), "OK");
  EXPECT_EQ(keeper.heard, (words{"-127.0.0.1:7", "+127.0.0.1:7"}));
  ASSERT_EQ(listeners.size(), 3u);
  EXPECT_TRUE(listeners[1]->closed);
  EXPECT_FALSE(listeners[2]->closed);
  keeper = {};
  EXPECT_EQ(change(all), "OK");
  EXPECT_EQ(keeper.heard, (words{"-127.0.0.1:7", "+0.0.0.0:7"}));
}

TEST_F(gateway_test, other_machines_need_a_password) {
  tell(uut, atom::open_v);
  auto no = change({"bind", "127.0.0.1 0.0.0.0"});
  EXPECT_EQ(no.find("ERR CONFIG SET failed (possibly related to argument "
                    "'bind') - 0.0.0.0:7 can be reached from other machines"),
            0u)
    << no;
  EXPECT_EQ(change({"bind", "10.0.0.1", "requirepass", "x"}), "OK");
  no = change({"requirepass", ""});
  EXPECT_NE(no.find("argument 'requirepass') - 10.0.0.1:7 can"), no.npos) << no;
  EXPECT_EQ(change({"bind", "127.0.0.1"}), "OK");
  EXPECT_EQ(change({"requirepass", ""}), "OK");
}

TEST_F(gateway_test, does_not_lock_everybody_out) {
  tell(uut, atom::open_v);
  EXPECT_EQ(change({"port", "0"}), "OK");
  EXPECT_EQ(change({"unixsocket", ""}),
            "ERR CONFIG SET failed (possibly related to argument 'unixsocket') "
            "- Nobody could connect any more: leave a port with an address in "
            "bind, or a unixsocket");
}

TEST_F(gateway_test, carries_out_one_change_after_the_other) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  wires[0]->send("CONFIG SET port 8\r\n");
  wires[1]->send("CONFIG SET port 9\r\nCONFIG GET port\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n");
  EXPECT_EQ(wires[1]->received(), "+OK\r\n*2\r\n$4\r\nport\r\n$1\r\n9\r\n");
  EXPECT_EQ(keeper.heard, (words{"+127.0.0.1:8", "-127.0.0.1:7", "+127.0.0.1:9",
                                 "-127.0.0.1:8"}));
}

TEST_F(gateway_test, gives_back_a_socket_that_comes_too_late) {
  tell(uut, atom::open_v);
  EXPECT_EQ(change({"port", "8"}), "OK");
  keeper.heard.clear();
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  EXPECT_EQ(keeper.heard, words{"-127.0.0.1:7"});
  EXPECT_EQ(listeners.size(), 2u);
}

} // namespace
} // namespace saker
