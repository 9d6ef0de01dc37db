#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

constexpr std::string_view stays = "-ERR a client that listens cannot become "
                                   "another user; unsubscribe before, "
                                   "or RESET\r\n";

/// A client that is bob, who may everything, and ann, who may listen to little.
class listening_user_test : public testing::Test {
protected:
  listening_user_test() {
    x.feed("HELLO 3 AUTH bob x\r\n");
  }

  static settings with_both() {
    auto all = test::default_settings();
    test::set_user(all, "bob", {"on", ">x", "+@all", "~*", "&*"});
    test::set_user(all, "ann",
                   {"on", ">x", "+@basic", "+@status", "+@events", "~*",
                    "&saker:*", "&free*"});
    return all;
  }

  void change_bob(std::vector<std::string> rules) {
    auto all = with_both();
    test::set_user(all, "bob", rules);
    x.uut.use(std::make_shared<const settings>(all));
    x.carry_on();
  }

  world x{with_both()};
};

TEST_F(listening_user_test, becomes_nobody_else) {
  for (auto what : {"SUBSCRIBE free", "PSUBSCRIBE *", "SSUBSCRIBE free",
                    "PSUBSCRIBE log:*", "SUBSCRIBE audit:n1:bob", "MONITOR"}) {
    world y{with_both()};
    y.feed("HELLO 3 AUTH bob x\r\n" + std::string{what} + "\r\n");
    for (auto login : {"AUTH ann x\r\n", "HELLO 3 AUTH ann x\r\n",
                       "AUTH ann wrong\r\n", "AUTH nobody x\r\n"})
      EXPECT_NE(y.feed(login).find(stays), std::string::npos) << what;
    EXPECT_EQ(y.uut.figures(test::at(0)).user, "bob") << what;
    y.feed("RESET\r\n");
    EXPECT_EQ(y.feed("AUTH ann x\r\n"), "+OK\r\n") << what;
  }
}

TEST_F(listening_user_test, says_again_who_it_is) {
  x.feed("SUBSCRIBE free\r\n");
  EXPECT_EQ(x.feed("AUTH bob x\r\n"), "+OK\r\n");
  EXPECT_TRUE(x.feed("AUTH bob wrong\r\n").starts_with("-WRONGPASS "));
  change_bob({"-echo"});
  EXPECT_EQ(x.feed("AUTH bob x\r\n"), "+OK\r\n");
  x.feed("UNSUBSCRIBE\r\n");
  EXPECT_EQ(x.feed("AUTH ann x\r\n"), "+OK\r\n");
}

TEST_F(listening_user_test, is_no_owner_once_it_is_default) {
  auto who = test::root_peer();
  who.via_unix = true;
  auto all = with_both();
  test::set_user(all, "default", {">pw"});
  world y{all, who};
  y.feed("HELLO 3\r\nMONITOR\r\n");
  EXPECT_NE(y.feed("AUTH default pw\r\n").find(stays), std::string::npos);
}

TEST_F(listening_user_test, hears_of_services_only_while_it_may_subscribe) {
  for (auto [what, rule] :
       {std::pair{"SUBSCRIBE saker:n1:web:exit", "-subscribe"},
        std::pair{"SSUBSCRIBE saker:n1:web:exit", "-@events"},
        std::pair{"PSUBSCRIBE saker:*", "-psubscribe"},
        std::pair{"PSUBSCRIBE *", "-@all"}}) {
    world y{with_both()};
    y.feed("HELLO 3 AUTH bob x\r\n" + std::string{what} + "\r\n");
    auto all = with_both();
    test::set_user(all, "bob", {rule});
    y.uut.use(std::make_shared<const settings>(all));
    y.carry_on();
    EXPECT_TRUE(y.cut_off) << what;
    EXPECT_EQ(y.reason, "its user may not listen any more to what it listens "
                        "to");
  }
}

TEST_F(listening_user_test, goes_on_as_in_redis_where_others_publish) {
  x.feed("SUBSCRIBE free\r\nPSUBSCRIBE free*\r\nSSUBSCRIBE free\r\n");
  change_bob({"-subscribe", "-psubscribe", "-ssubscribe"});
  EXPECT_FALSE(x.closed);
  change_bob({"-@events"});
  EXPECT_FALSE(x.closed);
}

} // namespace
} // namespace saker::session
