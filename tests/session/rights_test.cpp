#include "acl/password.hpp"
#include "session/session.hpp"
#include "tests/session/aliases.hpp"
#include "tests/session/denials.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::as_guest;
using test::no_channel;
using test::no_command;
using test::with_aliases;
using test::world;

TEST(rights_test, lets_strangers_look_and_listen) {
  world x{with_aliases(), test::stranger_peer()};
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), "$8\r\nSVSTATUS\r\n");
  EXPECT_EQ(x.feed("INFO\r\n"), "$4\r\nINFO\r\n");
  EXPECT_EQ(x.feed("PUBLISH mine x\r\n"), ":0\r\n");
  EXPECT_EQ(x.feed("look x\r\n"), "$4\r\nlook\r\n");
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), no_command("svstop"));
  EXPECT_EQ(x.feed("SHUTDOWN\r\n"), no_command("shutdown"));
  EXPECT_EQ(x.feed("LOAD x\r\n"), no_command("load"));
  EXPECT_EQ(x.feed("deploy\r\n"), no_command("deploy"));
  EXPECT_EQ(x.feed("CALL deploy\r\n"), no_command("deploy"));
  EXPECT_EQ(x.uut.figures(test::at(0)).user, "guest");
}

TEST(rights_test, lets_root_and_self_do_everything) {
  for (auto kind : {peer_kind::root, peer_kind::self}) {
    auto who = test::stranger_peer();
    who.kind = kind;
    world x{with_aliases(), who};
    EXPECT_EQ(x.feed("SHUTDOWN\r\n"), "$8\r\nSHUTDOWN\r\n");
    EXPECT_EQ(x.feed("deploy\r\n"), "$6\r\ndeploy\r\n");
    EXPECT_EQ(x.uut.figures(test::at(0)).user, "default");
  }
}

TEST(rights_test, makes_nobody_of_a_stranger_who_guesses_nothing) {
  // `default` has no password: from a stranger none is right.
  world x{test::default_settings(), test::stranger_peer()};
  EXPECT_TRUE(x.feed("AUTH default x\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH default ''\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("HELLO 3 AUTH default x\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH guest x\r\n").starts_with("-WRONGPASS"));
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), no_command("svstop"));
}

settings with_any_password() {
  auto x = with_aliases();
  test::set_user(x, "default", {">secret"});
  test::set_user(x, "bob", {"on", ">bobs", "+@basic", "+@control"});
  test::set_user(x, "locked", {"on", "+@all"});
  test::set_user(x, "off", {">off", "+@all"});
  test::set_user(x, "open", {"on", "nopass", "+@all"});
  return x;
}

TEST(rights_test, demands_the_password_of_everybody_on_tcp) {
  for (auto kind : {peer_kind::root, peer_kind::self, peer_kind::stranger}) {
    auto who = test::stranger_peer();
    who.kind = kind;
    world x{with_any_password(), who};
    EXPECT_EQ(x.feed("SVSTATUS\r\n"), "-NOAUTH Authentication required.\r\n");
    EXPECT_EQ(x.feed("look x\r\n"), "-NOAUTH Authentication required.\r\n");
    EXPECT_FALSE(x.uut.authenticated());
    EXPECT_EQ(x.feed("AUTH secret\r\n"), "+OK\r\n");
    EXPECT_EQ(x.feed("SVSTOP a\r\n"), "$6\r\nSVSTOP\r\n");
  }
}

TEST(rights_test, knows_root_on_the_unix_socket_without_a_password) {
  auto who = test::root_peer();
  who.via_unix = true;
  world x{with_any_password(), who};
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), "$6\r\nSVSTOP\r\n");
  who.kind = peer_kind::stranger;
  world y{with_any_password(), who};
  EXPECT_EQ(y.feed("SVSTOP a\r\n"), no_command("svstop"));
}

TEST(rights_test, knows_other_users) {
  world x{with_any_password()};
  EXPECT_TRUE(x.feed("AUTH bob secret\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH locked ''\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH off off\r\n").starts_with("-WRONGPASS"));
  EXPECT_EQ(x.feed("AUTH open any\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("AUTH bob bobs\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), "$6\r\nSVSTOP\r\n");
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), no_command("svstatus", ""));
  EXPECT_EQ(x.feed("AUTH secret\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), "$8\r\nSVSTATUS\r\n");
}

TEST(rights_test, lets_nobody_forge_events_or_output) {
  world x;
  for (auto command : {"PUBLISH ", "SPUBLISH "})
    for (auto channel : {"saker:n1:web:exit", "saker:", "log:n1:web"})
      EXPECT_EQ(x.feed(command + std::string{channel} + " x\r\n"),
                no_channel + "\r\n");
  EXPECT_EQ(x.feed("PUBLISH sake x\r\nPUBLISH Saker: x\r\nPUBLISH lo x\r\n"),
            ":0\r\n:0\r\n:0\r\n");
}

TEST(rights_test, shows_output_only_to_those_who_control) {
  world guest{test::default_settings(), test::stranger_peer()};
  EXPECT_EQ(guest.feed("SUBSCRIBE a log:n:web\r\n"),
            no_channel + as_guest + "\r\n");
  EXPECT_EQ(guest.feed("SSUBSCRIBE a log:n:web\r\n"),
            no_channel + as_guest + "\r\n");
  for (auto pattern : {"log:*", "*", "l*", "[a-z]*", "?og:n:web"})
    EXPECT_EQ(guest.feed("PSUBSCRIBE ok* " + std::string{pattern} + "\r\n"),
              no_channel + as_guest + "\r\n")
      << pattern;
  EXPECT_FALSE(guest.uut.subscribed());
  EXPECT_TRUE(guest.feed("PSUBSCRIBE saker:*\r\n").starts_with("*3"));
  world root;
  EXPECT_TRUE(
    root.feed("PSUBSCRIBE *\r\nSUBSCRIBE log:x\r\n").starts_with("*3"));
}

TEST(rights_test, hashes_no_endless_passwords) {
  auto config = with_any_password();
  auto longest = std::string(acl::longest_password, 'x');
  auto longer = longest + 'x';
  test::set_user(config, "bob",
                 {'>' + longest, '#' + acl::password_hash(longer)});
  world x{config};
  auto with = [&x](const std::string& password) {
    return x.feed("*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$"
                  + std::to_string(password.size()) + "\r\n" + password
                  + "\r\n");
  };
  x.feed("AUTH secret\r\n"); // who is nobody yet may send little
  EXPECT_TRUE(with(longer).starts_with("-WRONGPASS"));
  EXPECT_EQ(with(longest), "+OK\r\n");
}

TEST(rights_test, delays_the_answer_to_a_wrong_password) {
  auto config = with_any_password();
  config.auth_delay = std::chrono::milliseconds{500};
  world x{config};
  x.answers = false;
  EXPECT_EQ(x.feed("AUTH bad\r\nAUTH worse\r\nAUTH secret\r\nSVSTATUS\r\n"),
            "");
  auto first = x.take<wait>();
  EXPECT_EQ(first.delay, config.auth_delay);
  EXPECT_TRUE(x.waiting.empty()) << "one guess at a time";
  x.uut.answer(first.id, {});
  EXPECT_TRUE(x.carry_on().starts_with("-WRONGPASS"));
  auto second = x.take<wait>();
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(second.id, {});
  auto out = x.carry_on();
  EXPECT_TRUE(out.ends_with("+OK\r\n")) << out;
  EXPECT_EQ(x.take<request>().command->name, "svstatus");
}

} // namespace
} // namespace saker::session
