#include "session/session.hpp"
#include "tests/session/aliases.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::with_aliases;
using test::world;

TEST(alias_test, runs_commands_of_scripts_by_their_names) {
  world x{with_aliases()};
  std::vector<std::string> args;
  x.reply = [&](const request& asked) {
    EXPECT_EQ(asked.target, resp::target::script);
    EXPECT_EQ(asked.command, nullptr);
    args = asked.args;
    return resp::value{asked.script};
  };
  EXPECT_EQ(x.feed("DEPLOY a b\r\n"), "$10\r\ndeploy.lua\r\n");
  EXPECT_EQ(args, (std::vector<std::string>{"deploy", "a", "b"}));
  EXPECT_EQ(x.feed("CALL other c\r\n"), "$9\r\nother.lua\r\n");
  EXPECT_EQ(args, (std::vector<std::string>{"Other", "c"}));
  EXPECT_EQ(x.uut.figures(test::at(0)).command, "Other");
}

TEST(alias_test, of_another_node_are_asked_for_there) {
  world x{with_aliases()};
  request asked;
  x.reply = [&](const request& y) {
    asked = y;
    return resp::value{"hello"};
  };
  EXPECT_EQ(x.feed("EXEC Deploy@n2 a b@c\r\n"), "$5\r\nhello\r\n");
  EXPECT_EQ(asked.target, resp::target::cluster);
  ASSERT_NE(asked.command, nullptr);
  EXPECT_EQ(asked.command->name, "call");
  EXPECT_EQ(asked.args,
            (std::vector<std::string>{"call", "Deploy@n2", "a", "b@c"}));
  EXPECT_EQ(asked.user, "default");
  EXPECT_EQ(asked.rights, resp::rights::all());
  EXPECT_EQ(x.feed("CALL deploy x@n2\r\n"), "$5\r\nhello\r\n");
  EXPECT_EQ(asked.target, resp::target::script) << "one of this node";
  EXPECT_TRUE(x.feed("deploy@n2\r\n").starts_with("-ERR unknown command"));
}

TEST(alias_test, of_another_node_need_a_known_user_like_all_commands) {
  auto settings = with_aliases();
  test::set_user(settings, "default", {">secret"});
  world x{std::move(settings), test::stranger_peer()};
  EXPECT_TRUE(x.feed("CALL deploy@n2\r\n").starts_with("-NOAUTH"));
}

TEST(alias_test, a_rule_allows_the_one_that_its_name_runs) {
  static const auto table = std::make_shared<const alias_table>(
    std::vector<alias>{{"twin", "a.lua", "", -1}, {"Twin", "b.lua", "", -1}});
  auto config = test::default_settings();
  config.aliases = [] { return table; };
  test::set_user(config, "ann", {"on", "nopass", "+call|twin"});
  world root{config};
  EXPECT_EQ(root.feed("ACL DRYRUN ann twin\r\n"), "+OK\r\n");
  EXPECT_EQ(root.feed("ACL DRYRUN ann Twin\r\n"),
            "$54\r\nThis user has no permissions to run the 'Twin' command"
            "\r\n");
  world x{config};
  x.feed("AUTH ann x\r\n");
  EXPECT_EQ(x.feed("twin\r\nCALL twin\r\n"), "$4\r\ntwin\r\n$4\r\ntwin\r\n");
  for (auto line : {"Twin\r\n", "CALL Twin\r\n"})
    EXPECT_EQ(x.feed(line), "-NOPERM this user has no permissions to run the "
                            "'Twin' command\r\n");
}

TEST(alias_test, checks_their_arity) {
  world x{with_aliases()};
  EXPECT_EQ(x.feed("look\r\nCALL look a b\r\n"),
            "-ERR wrong number of arguments for 'look' command\r\n"
            "-ERR wrong number of arguments for 'look' command\r\n");
}

TEST(alias_test, knows_what_was_nearly_a_command_of_ours) {
  world x{with_aliases()};
  auto text = x.feed("svstat web\r\n");
  EXPECT_TRUE(text.starts_with("-ERR unknown command 'svstat', with args "
                               "beginning with: 'web' (did you mean \""))
    << text;
  EXPECT_NE(text.find("\"SVSTATUS\""), std::string::npos) << text;
  EXPECT_EQ(x.feed("task\r\n"),
            "-ERR unknown command 'task', with args "
            "beginning with: (did you mean \"TASKS\"?)\r\n");
  // What clients of Redis try has the words of Redis.
  for (std::string name : {"GET", "SET", "DEL", "EVAL", "KEYS", "SCAN", "TYPE",
                           "LLEN", "COPY", "UNLINK", "PERSIST", "MIGRATE"})
    EXPECT_EQ(x.feed(name + "\r\n"), "-ERR unknown command '" + name
                                       + "', with args beginning with: \r\n");
}

TEST(alias_test, says_when_there_is_none) {
  world x{with_aliases()};
  EXPECT_EQ(x.feed("CALL nosuch\r\n"),
            "-NOSCRIPT no script has registered a command 'nosuch'; TASKS "
            "lists them\r\n");
  world y;
  EXPECT_TRUE(y.feed("CALL nosuch\r\n").starts_with("-NOSCRIPT"));
  EXPECT_TRUE(y.feed("deploy\r\n").starts_with("-ERR unknown command"));
}

TEST(alias_test, are_forbidden_in_the_subscribed_state_of_resp2) {
  world x{with_aliases()};
  x.feed("SUBSCRIBE a\r\n");
  EXPECT_TRUE(x.feed("look x\r\n").starts_with("-ERR Can't execute 'look'"));
}

TEST(alias_table_test, prefers_the_exact_spelling) {
  std::vector<alias> all;
  all.push_back({"Run", "1.lua", "", -1});
  all.push_back({"run", "2.lua", "", -1});
  all.push_back({"run", "3.lua", "", -1});
  all.push_back({"ping", "4.lua", "", -1});
  alias_table x{std::move(all)};
  EXPECT_EQ(x.find("Run")->script, "1.lua");
  EXPECT_EQ(x.find("run")->script, "2.lua");
  EXPECT_EQ(x.find("RUN")->script, "1.lua");
  EXPECT_EQ(x.find("ping"), nullptr) << "built-in commands win";
  EXPECT_EQ(x.find("walk"), nullptr);
  EXPECT_EQ(x.all().size(), 2u);
}

} // namespace
} // namespace saker::session
