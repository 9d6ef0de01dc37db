#include "tests/session/denials.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

constexpr std::string_view not_with_these
  = "-NOPERM this user has no permissions to listen to all that this client "
    "listens to; unsubscribe before, or RESET\r\n";

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

TEST_F(listening_user_test, takes_along_only_what_the_next_one_may_hear) {
  for (auto what : {"SUBSCRIBE other", "PSUBSCRIBE *", "SSUBSCRIBE other",
                    "PSUBSCRIBE log:*", "SUBSCRIBE audit:n1:bob", "MONITOR"}) {
    world y{with_both()};
    y.feed("HELLO 3 AUTH bob x\r\n" + std::string{what} + "\r\n");
    for (auto login : {"AUTH ann x\r\n", "HELLO 3 AUTH ann x\r\n"})
      EXPECT_NE(y.feed(login).find(not_with_these), std::string::npos) << what;
    EXPECT_EQ(y.uut.figures(test::at(0)).user, "bob") << what;
    y.feed("RESET\r\n");
    EXPECT_EQ(y.feed("AUTH ann x\r\n"), "+OK\r\n") << what;
  }
}

TEST_F(listening_user_test, takes_along_what_both_may_hear) {
  x.feed("SUBSCRIBE free1\r\nPSUBSCRIBE saker:*\r\n");
  EXPECT_EQ(x.feed("AUTH ann x\r\n"), "+OK\r\n");
  EXPECT_EQ(x.uut.figures(test::at(0)).user, "ann");
}

TEST_F(listening_user_test, is_told_who_was_refused) {
  auto all = with_both();
  all.denials = std::make_shared<acl::denial_log>();
  world y{all};
  y.feed("HELLO 3 AUTH bob x\r\nMONITOR\r\nAUTH ann x\r\n");
  ASSERT_EQ(all.denials->size(), 1u);
  EXPECT_EQ(all.denials->newest()[0].reason, "channel");
  EXPECT_EQ(all.denials->newest()[0].user, "ann");
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
