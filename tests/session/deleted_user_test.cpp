#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

/// A client that is bob, and what everybody is told once there is no bob.
class deleted_user_test : public testing::Test {
protected:
  deleted_user_test() {
    x.feed("AUTH bob bobs\r\n");
    x.answers = false;
  }

  static settings with_bob() {
    auto all = test::default_settings();
    test::set_user(all, "bob", {"on", ">bobs", "+@all", "&*"});
    return all;
  }

  void erase_bob() {
    x.uut.use(std::make_shared<const settings>(test::default_settings()));
    EXPECT_EQ(x.carry_on(), "");
  }

  world x{with_bob()};
};

TEST_F(deleted_user_test, waits_for_nothing_any_more) {
  EXPECT_EQ(x.feed("SVWAIT web running 0\r\n"), "");
  x.take<request>();
  erase_bob();
  auto end = x.take<close>();
  EXPECT_FALSE(end.after_output);
  EXPECT_EQ(end.reason, "its user was deleted");
}

TEST_F(deleted_user_test, hears_nothing_while_it_waits) {
  x.answers = true;
  x.feed("HELLO 3\r\nSUBSCRIBE news\r\n");
  x.answers = false;
  x.feed("SVWAIT web running 0\r\n");
  x.take<request>();
  erase_bob();
  EXPECT_FALSE(x.take<close>().after_output);
}

TEST_F(deleted_user_test, is_answered_if_it_did_that_to_itself) {
  for (auto last : {"ACL DELUSER bob\r\n", "MULTI\r\nACL DELUSER bob\r\n"
                                           "EXEC\r\n"}) {
    world y{with_bob()};
    y.feed("AUTH bob bobs\r\n");
    y.answers = false;
    y.feed(last);
    auto change = y.take<request>();
    y.uut.use(std::make_shared<const settings>(test::default_settings()));
    y.carry_on();
    EXPECT_TRUE(y.waiting.empty()) << last;
    y.uut.answer(change.id, resp::value{1});
    EXPECT_NE(y.carry_on().find(":1\r\n"), std::string::npos) << last;
    EXPECT_TRUE(y.take<close>().after_output) << last;
  }
}

} // namespace
} // namespace saker::session
