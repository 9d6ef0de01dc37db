#include "session/session.hpp"

#include "tests/session/denials.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::no_command;
using test::world;

// What changes while it lasts.

std::shared_ptr<settings> with_rules(const settings& of, std::string_view user,
                                     const std::vector<std::string>& rules) {
  auto x = std::make_shared<settings>(of);
  test::set_user(*x, user, rules);
  return x;
}

std::shared_ptr<settings> a_password(const std::string& password) {
  return with_rules(test::default_settings(), "default", {'>' + password});
}

TEST(session_test, holds_back_what_a_change_of_the_rules_is_to_meet) {
  test::world x;
  x.answers = false;
  EXPECT_EQ(x.feed("CONFIG SET requirepass x\r\nAUTH x\r\nPING\r\n"), "");
  auto change = x.take<request>();
  x.uut.use(a_password("x"));
  x.uut.answer(change.id, resp::ok());
  EXPECT_EQ(x.carry_on(), "+OK\r\n+OK\r\n+PONG\r\n");
}

TEST(session_test, keeps_those_in_who_are_in_when_a_password_is_set) {
  test::world x;
  x.uut.use(a_password("secret"));
  EXPECT_EQ(x.feed("PING\r\nRESET\r\nPING\r\nAUTH secret\r\n"),
            "+PONG\r\n+RESET\r\n-NOAUTH Authentication required.\r\n"
            "+OK\r\n");
}

settings and_bob(const std::vector<std::string>& rules) {
  auto x = test::default_settings();
  test::set_user(x, "bob", {"on", ">bobs", "+@all"});
  test::set_user(x, "bob", rules);
  return x;
}

TEST(session_test, follows_changes_of_its_user) {
  auto all = and_bob({});
  world x{all};
  x.feed("AUTH bob bobs\r\n");
  x.uut.use(with_rules(all, "bob", {"-ping", "off", "resetpass"}));
  EXPECT_EQ(x.feed("PING\r\nECHO a\r\n"),
            no_command("ping", "") + "$1\r\na\r\n");
}

TEST(session_test, ends_when_its_user_is_gone) {
  auto all = and_bob({});
  for (auto made_again : {false, true}) {
    world x{all};
    x.feed("AUTH bob bobs\r\n");
    auto users = std::make_shared<acl::user_list>(*all.users);
    users->erase("bob");
    if (made_again) {
      EXPECT_TRUE(users->change("bob", std::vector<std::string>{"on"}));
    }
    auto next = std::make_shared<settings>(all);
    next->users = users;
    x.uut.use(next);
    x.carry_on();
    EXPECT_TRUE(x.cut_off);
    EXPECT_EQ(x.reason, "its user was deleted");
  }
}

TEST(session_test, answers_who_deleted_itself) {
  auto all = and_bob({});
  world x{all};
  x.feed("AUTH bob bobs\r\n");
  x.answers = false;
  x.feed("CONFIG SET timeout 1\r\nPING\r\n");
  auto change = x.take<request>();
  auto next = std::make_shared<settings>(all);
  next->users = test::default_settings().users;
  x.uut.use(next);
  x.uut.answer(change.id, resp::ok());
  x.answers = true;
  EXPECT_EQ(x.carry_on(), "+OK\r\n");
  EXPECT_TRUE(x.closed);
}

TEST(session_test, ends_when_a_channel_is_revoked_that_it_listens_to) {
  auto all = and_bob({"&a*", "&b"});
  struct row {
    const char* command;
    std::vector<std::string> rules;
    bool ends;
  };
  const row rows[]{
    {"SUBSCRIBE a1", {"resetchannels", "&a*"}, false},
    {"SUBSCRIBE a1", {"allchannels"}, false},
    {"SUBSCRIBE a1", {"resetchannels", "&b"}, true},
    {"SUBSCRIBE a1 b", {"resetchannels", "&a*"}, true},
    {"SUBSCRIBE b", {"resetchannels", "(&b)"}, false},
    {"SSUBSCRIBE a1", {"resetchannels"}, true},
    {"PSUBSCRIBE a*", {"resetchannels", "&a*"}, false},
    {"PSUBSCRIBE b", {"resetchannels", "&b*"}, true},
    {"PING", {"resetchannels"}, false},
  };
  for (auto& row : rows) {
    world x{all};
    x.feed("AUTH bob bobs\r\n" + std::string{row.command} + "\r\n");
    x.uut.use(with_rules(all, "bob", row.rules));
    x.carry_on();
    EXPECT_EQ(x.cut_off, row.ends) << row.command;
  }
}

TEST(session_test, lets_the_owner_keep_all_rights_on_the_unix_socket) {
  auto all = test::default_settings();
  test::set_user(all, "default", {"reset"});
  auto who = test::root_peer();
  who.via_unix = true;
  world x{all, who};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\nSVSTOP a\r\n"),
            "$7\r\ndefault\r\n$6\r\nSVSTOP\r\n");
  x.uut.use(with_rules(all, "default", {"off"}));
  EXPECT_EQ(x.feed("PING\r\n"), "+PONG\r\n");
  world y{all};
  EXPECT_EQ(y.feed("PING\r\n"), "-NOAUTH Authentication required.\r\n");
}

TEST(session_test, keeps_a_guest_out_who_is_off) {
  auto all = test::default_settings();
  test::set_user(all, "guest", {"off"});
  world x{all, test::stranger_peer()};
  EXPECT_EQ(x.feed("PING\r\n"), "-NOAUTH Authentication required.\r\n");
}

TEST(session_test, notes_what_it_denies) {
  auto all = and_bob({"-ping", "&a"});
  all.denials = std::make_shared<acl::denial_log>();
  world x{all};
  x.feed("AUTH bob wrong\r\nAUTH bob bobs\r\nPING\r\nPUBLISH b m\r\n"
         "MULTI\r\nPING\r\n");
  auto found = all.denials->newest();
  ASSERT_EQ(found.size(), 4u);
  std::string text;
  for (auto& y : found)
    text += std::string{y.reason} + ' ' + std::string{y.context} + ' '
            + y.object + ' ' + y.user + '\n';
  EXPECT_EQ(text, "command multi ping bob\nchannel toplevel b bob\n"
                  "command toplevel ping bob\nauth toplevel auth bob\n");
  EXPECT_TRUE(found[0].client.starts_with("id=7 addr=127.0.0.1:4711"))
    << found[0].client;
}

TEST(session_test, lets_those_in_who_wait_when_a_password_is_taken_away) {
  test::world x{*a_password("secret")};
  EXPECT_EQ(x.feed("PING\r\n"), "-NOAUTH Authentication required.\r\n");
  x.uut.use(with_rules(test::default_settings(), "default", {}));
  EXPECT_EQ(x.feed("PING\r\n"), "+PONG\r\n");
}

TEST(session_test, takes_other_limits_at_once) {
  test::world x;
  auto next = std::make_shared<settings>(test::default_settings());
  next->requests.bulk = 3;
  x.uut.use(next);
  EXPECT_EQ(x.feed("*2\r\n$4\r\n"),
            "-ERR Protocol error: invalid bulk length\r\n");
}

} // namespace
} // namespace saker::session
