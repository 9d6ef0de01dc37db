#include "acl/password.hpp"
#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

using gateway_test = test::gateway_world;

TEST_F(gateway_test, asks_new_clients_for_a_new_password) {
  tell(uut, atom::open_v);
  auto a = connect();
  via_tcp = true;
  EXPECT_EQ(command({"CONFIG", "SET", "requirepass", "secret"},
                    resp::command_id::config_set),
            resp::ok());
  auto b = connect();
  wires[1]->send("PING\r\n");
  wires[0]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+PONG\r\n");
  EXPECT_EQ(wires[1]->received(), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(
    command({"CONFIG", "SET", "requirepass", ""}, resp::command_id::config_set),
    resp::ok());
  wires[1]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "+PONG\r\n");
}

TEST_F(gateway_test, makes_and_changes_users_for_all_clients) {
  tell(uut, atom::open_v);
  via_tcp = true;
  auto a = connect();
  auto b = connect();
  auto set = resp::command_id::acl_setuser;
  EXPECT_EQ(command({"ACL", "SETUSER", "bob", "on", ">x", "+@all", "&a"}, set),
            resp::ok());
  EXPECT_EQ(
    command({"ACL", "SETUSER", "bob", "on", "+nosuch"}, set),
    resp::err("Error in ACL SETUSER modifier '+nosuch': Unknown command "
              "or category name in ACL"));
  wires[0]->send("AUTH bob x\r\nSUBSCRIBE a\r\n");
  wires[1]->send("AUTH bob x\r\n");
  settle();
  EXPECT_TRUE(wires[0]->received().starts_with("+OK\r\n*3\r\n"));
  EXPECT_EQ(wires[1]->received(), "+OK\r\n");
  command({"ACL", "SETUSER", "bob", "resetchannels", "-echo"}, set);
  settle();
  EXPECT_TRUE(wires[0]->is_closed()) << "listened to what is bob's no more";
  wires[1]->send("ECHO x\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "-NOPERM this user has no permissions to run "
                                  "the 'echo' command\r\n");
  auto erase = resp::command_id::acl_deluser;
  EXPECT_EQ(command({"ACL", "DELUSER", "bob", "default"}, erase),
            resp::err("The 'default' user cannot be removed"));
  EXPECT_EQ(command({"ACL", "DELUSER", "bob", "nosuch"}, erase),
            resp::value{1});
  settle();
  EXPECT_TRUE(wires[1]->is_closed());
}

TEST_F(gateway_test, keeps_users_when_other_things_are_set) {
  tell(uut, atom::open_v);
  auto set = resp::command_id::acl_setuser;
  auto of_default = [this] {
    return links->live->sessions->users->find("default")->describe();
  };
  command({"ACL", "SETUSER", "default", "-echo", ">x"}, set);
  auto before = of_default();
  EXPECT_EQ(change({"timeout", "5"}), "OK");
  EXPECT_EQ(of_default(), before);
  EXPECT_EQ(change({"requirepass", "y"}), "OK");
  EXPECT_EQ(of_default(), "on #" + acl::password_hash("y")
                            + " ~* &* +@all "
                              "-echo");
  EXPECT_EQ(change({"requirepass", ""}), "OK");
  EXPECT_EQ(of_default(), "on nopass ~* &* +@all -echo");
}

TEST_F(gateway_test, takes_no_password_away_where_other_machines_come) {
  tell(uut, atom::open_v);
  auto set = resp::command_id::acl_setuser;
  EXPECT_EQ(change({"bind", "10.0.0.1", "requirepass", "x"}), "OK");
  EXPECT_TRUE(command({"ACL", "SETUSER", "default", "nopass"}, set).is_error());
  EXPECT_EQ(change({"bind", "127.0.0.1"}), "OK");
  EXPECT_EQ(command({"ACL", "SETUSER", "default", "nopass"}, set), resp::ok());
  EXPECT_NE(change({"bind", "10.0.0.1"}).find("user default has no password"),
            std::string::npos);
}

} // namespace
} // namespace saker
