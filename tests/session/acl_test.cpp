#include "tests/session/aliases.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace saker::session {
namespace {

using test::world;

settings with_users_of_acl() {
  auto x = test::default_settings();
  test::set_user(x, "bob",
                 {"on",
                  "#30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fe"
                  "e46e26170c4",
                  "~a*", "&c*", "+publish", "+subscribe", "+psubscribe",
                  "+client|id", "(+ping %R~b)"});
  x.denials = std::make_shared<acl::denial_log>();
  return x;
}

struct exchange {
  std::string_view command;
  std::string_view reply;
};

// Each of these was asked of redis-server 7.0.15, which has more categories
// and no guest.
const exchange exchanges[]{
  {"ACL USERS", "*3\r\n$3\r\nbob\r\n$7\r\ndefault\r\n$5\r\nguest\r\n"},
  {"ACL GETUSER nosuch", "$-1\r\n"},
  {"ACL GETUSER",
   "-ERR wrong number of arguments for 'acl|getuser' command\r\n"},
  {"ACL CAT foo", "-ERR Unknown category 'foo'\r\n"},
  {"ACL CAT a b", "-ERR unknown subcommand or wrong number of arguments for "
                  "'CAT'. Try ACL HELP.\r\n"},
  {"ACL CAT hash", "*0\r\n"},
  {"ACL CAT TRANSACTION",
   "*5\r\n$7\r\ndiscard\r\n$4\r\nexec\r\n$5\r\nmulti\r\n$7\r\nunwatch\r\n"
   "$5\r\nwatch\r\n"},
  {"ACL GENPASS 0",
   "-ERR ACL GENPASS argument must be the number of bits for the output "
   "password, a positive number up to 4096\r\n"},
  {"ACL GENPASS 4097",
   "-ERR ACL GENPASS argument must be the number of bits for the output "
   "password, a positive number up to 4096\r\n"},
  {"ACL GENPASS x", "-ERR value is not an integer or out of range\r\n"},
  {"ACL GENPASS 1 2", "-ERR unknown subcommand or wrong number of arguments "
                      "for 'GENPASS'. Try ACL HELP.\r\n"},
  {"ACL LOG x", "-ERR value is not an integer or out of range\r\n"},
  {"ACL LOG -1", "*0\r\n"},
  {"ACL LOG RESET", "+OK\r\n"},
  {"ACL LOG 1 2", "-ERR unknown subcommand or wrong number of arguments for "
                  "'LOG'. Try ACL HELP.\r\n"},
  {"ACL DRYRUN bob publish c1 x", "+OK\r\n"},
  {"ACL DRYRUN bob publish d x",
   "$54\r\nThis user has no permissions to access the 'd' channel\r\n"},
  {"ACL DRYRUN bob psubscribe c1*",
   "$56\r\nThis user has no permissions to access the 'c1*' channel\r\n"},
  {"ACL DRYRUN bob config get x",
   "$60\r\nThis user has no permissions to run the 'config|get' command\r\n"},
  {"ACL DRYRUN bob client id", "+OK\r\n"},
  {"ACL DRYRUN bob client",
   "-ERR wrong number of arguments for 'client' command\r\n"},
  {"ACL DRYRUN bob client foo", "-ERR Command 'client' not found\r\n"},
  {"ACL DRYRUN bob nosuch", "-ERR Command 'nosuch' not found\r\n"},
  {"ACL DRYRUN nosuch ping", "-ERR User 'nosuch' not found\r\n"},
  {"ACL DRYRUN bob auth",
   "-ERR wrong number of arguments for 'auth' command\r\n"},
  {"ACL DRYRUN bob auth x", "+OK\r\n"},
};

TEST(acl_test, answers_as_redis_does) {
  for (auto& [command, reply] : exchanges) {
    world x{with_users_of_acl()};
    EXPECT_EQ(x.feed(std::string{command} + "\r\n"), reply) << command;
  }
}

TEST(acl_test, lists_users_as_lines) {
  world x{with_users_of_acl()};
  EXPECT_EQ(
    x.feed("ACL LIST\r\n"),
    "*3\r\n$181\r\nuser bob on #30c952fab122c3f9759f02a6d95c3758b246b4fee239957"
    "b2d4fee46e26170c4 ~a* resetchannels &c* -@all +publish +subscribe "
    "+psubscribe +client|id (%R~b resetchannels -@all +ping)\r\n"
    "$34\r\nuser default on nopass ~* &* +@all\r\n"
    "$51\r\nuser guest on ~* &* -@all +@basic +@status +@events\r\n");
}

TEST(acl_test, tells_a_user_in_both_dialects) {
  std::string fields[]{
    "$5\r\nflags\r\n",
    "$2\r\non\r\n$9\r\npasswords\r\n*1\r\n$64\r\n"
    "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46"
    "e26170c4\r\n"
    "$8\r\ncommands\r\n$48\r\n-@all +publish +subscribe "
    "+psubscribe +client|id\r\n"
    "$4\r\nkeys\r\n$3\r\n~a*\r\n$8\r\nchannels\r\n"
    "$3\r\n&c*\r\n$9\r\nselectors\r\n*1\r\n"};
  std::string selector = "$8\r\ncommands\r\n$11\r\n-@all +ping\r\n"
                         "$4\r\nkeys\r\n$4\r\n%R~b\r\n"
                         "$8\r\nchannels\r\n$0\r\n\r\n";
  world x{with_users_of_acl()};
  EXPECT_EQ(x.feed("ACL GETUSER bob\r\n"),
            "*12\r\n" + fields[0] + "*1\r\n" + fields[1] + "*6\r\n" + selector);
  x.feed("HELLO 3\r\n");
  EXPECT_EQ(x.feed("ACL GETUSER bob\r\n"),
            "%6\r\n" + fields[0] + "~1\r\n" + fields[1] + "%3\r\n" + selector);
  EXPECT_EQ(x.feed("ACL GETUSER nosuch\r\n"), "_\r\n");
}

TEST(acl_test, makes_passwords) {
  world x;
  auto one = x.feed("ACL GENPASS\r\n");
  auto other = x.feed("ACL GENPASS\r\n");
  EXPECT_TRUE(one.starts_with("$64\r\n")) << one;
  EXPECT_NE(one, other);
  EXPECT_TRUE(x.feed("ACL GENPASS 5\r\n").starts_with("$2\r\n"));
}

TEST(acl_test, counts_commands_of_scripts_to_the_category_of_their_right) {
  auto config = test::default_settings();
  static const std::vector<alias> all{
    {"greet", "greet.lua", "Greets.", -1},
    {"look", "look.lua", "Looks.", -1, resp::right::status}};
  static const auto table = std::make_shared<const alias_table>(all);
  config.aliases = [] { return table; };
  test::set_user(config, "bob", {"+call|greet"});
  world x{config};
  EXPECT_EQ(x.feed("ACL CAT script\r\n"), "*1\r\n$5\r\ngreet\r\n");
  EXPECT_NE(x.feed("ACL CAT status\r\n").find("\r\nlook\r\n"),
            std::string::npos);
  EXPECT_EQ(x.feed("ACL DRYRUN bob greet\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("ACL DRYRUN bob call greet\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("ACL DRYRUN bob look\r\n"),
            "$54\r\nThis user has no permissions to run the 'look' command"
            "\r\n");
}

TEST(acl_test, tries_what_call_would_call) {
  auto config = test::with_aliases();
  test::set_user(config, "bob", {"+@basic", "+@status", "+@control", "~*"});
  test::set_user(config, "ann", {"+exec", "+call|deploy"});
  world x{config};
  const std::string no = "$56\r\nThis user has no permissions to run the "
                         "'deploy' command\r\n";
  for (auto call : {"CALL deploy", "call DEPLOY x", "EXEC deploy", "deploy"}) {
    auto bob = x.feed("ACL DRYRUN bob " + std::string{call} + "\r\n");
    EXPECT_EQ(bob, no) << call;
    auto ann = x.feed("ACL DRYRUN ann " + std::string{call} + "\r\n");
    EXPECT_EQ(ann, "+OK\r\n") << call;
  }
  EXPECT_EQ(x.feed("ACL DRYRUN bob CALL look x\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("ACL DRYRUN bob EXEC\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("ACL DRYRUN bob EXEC other@n2\r\n"), "+OK\r\n");
  EXPECT_TRUE(
    x.feed("ACL DRYRUN ann EXEC other@n2\r\n").starts_with("$54\r\n"));
}

TEST(acl_test, tells_what_was_refused_and_for_how_long) {
  world x{with_users_of_acl()};
  x.feed("AUTH bob wrong\r\nAUTH bob wrong\r\n");
  x.now = test::at(3);
  auto text = x.feed("ACL LOG\r\n");
  EXPECT_TRUE(text.starts_with(
    "*1\r\n*14\r\n$5\r\ncount\r\n:2\r\n$6\r\nreason\r\n$4\r\nauth\r\n"
    "$7\r\ncontext\r\n$8\r\ntoplevel\r\n$6\r\nobject\r\n$4\r\nauth\r\n"
    "$8\r\nusername\r\n$3\r\nbob\r\n$11\r\nage-seconds\r\n"))
    << text;
  EXPECT_NE(text.find("$11\r\nclient-info\r\n"), text.npos) << text;
  EXPECT_EQ(x.feed("ACL LOG RESET\r\nACL LOG\r\n"), "+OK\r\n*0\r\n");
  world y;
  EXPECT_EQ(y.feed("ACL LOG\r\nACL LOG RESET\r\n"), "*0\r\n+OK\r\n")
    << "where nothing is kept";
}

TEST(acl_test, is_for_administrators) {
  world x{test::default_settings(), test::stranger_peer()};
  for (auto part : {"LIST", "USERS", "GETUSER default", "LOG", "SAVE", "LOAD",
                    "SETUSER x on", "DELUSER x", "DRYRUN default ping"}) {
    auto reply = x.feed("ACL " + std::string{part} + "\r\n");
    EXPECT_TRUE(reply.starts_with("-NOPERM ")) << part << ' ' << reply;
  }
  EXPECT_EQ(x.feed("ACL WHOAMI\r\n"), "$5\r\nguest\r\n");
}

TEST(acl_test, holds_back_what_a_change_of_users_is_to_meet) {
  world x;
  x.answers = false;
  EXPECT_EQ(x.feed("ACL SETUSER default -ping\r\nPING\r\n"), "");
  auto change = x.take<request>();
  auto next = std::make_shared<settings>(test::default_settings());
  test::set_user(*next, "default", {"-ping"});
  x.uut.use(next);
  x.uut.answer(change.id, resp::ok());
  EXPECT_EQ(x.carry_on(), "+OK\r\n-NOPERM this user has no permissions to run "
                          "the 'ping' command\r\n");
}

} // namespace
} // namespace saker::session
