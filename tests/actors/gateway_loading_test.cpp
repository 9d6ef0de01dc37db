// Clients that are there before services and scripts are known.
#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

class gateway_loading_test : public test::gateway_world {
protected:
  void SetUp() override {
    auto with = std::make_shared<session::settings>(*links->settings);
    with->loading = [this](resp::target) { return loading; };
    links->settings = std::move(with);
    EXPECT_EQ(change({"timeout", "5"}), "OK"); // which copies them
    tell(uut, atom::open_v);
    client = connect();
    wires[0]->send("PING\r\nSVSTATUS\r\n");
    settle();
    EXPECT_EQ(wires[0]->received(), "+PONG\r\n");
  }

  bool loading = true;
  unique_fd client;
};

TEST_F(gateway_loading_test, wait_until_these_are_known) {
  tell(uut, atom::permit_v, true);
  EXPECT_EQ(wires[0]->received(), "");
  loading = false;
  tell(uut, atom::permit_v, true);
  EXPECT_TRUE(wires[0]->received().starts_with("-ERR nobody carries out"))
    << "there is no roster here";
}

TEST_F(gateway_loading_test, wait_no_longer_than_they_have_to) {
  auto late = connect();
  wires[1]->send("SVSTATUS\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "");
  tell(uut, atom::permit_v, false);
  EXPECT_TRUE(wires[0]->received().starts_with("-LOADING"));
  EXPECT_TRUE(wires[1]->received().starts_with("-LOADING"));
  wires[1]->send("SVSTATUS\r\n");
  settle();
  EXPECT_TRUE(wires[1]->received().starts_with("-LOADING"));
}

/// A socket that comes later opens nothing anew.
TEST_F(gateway_loading_test, are_let_in_once) {
  tell(uut, atom::permit_v, false);
  tell(uut, atom::open_v);
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  EXPECT_FALSE(links->live->patient);
}

} // namespace
} // namespace saker
