#include "resp/command_table.hpp"

#include "base/text.hpp"

#include <gtest/gtest.h>

#include <set>

namespace saker::resp {
namespace {

TEST(command_table_test, finds_every_command_in_any_case) {
  for (auto& x : commands()) {
    EXPECT_EQ(find_command(x.name), &x);
    EXPECT_EQ(find_command(to_upper(x.name)), &x);
  }
  EXPECT_EQ(find_command("PuBlIsH"), find_command("publish"));
}

TEST(command_table_test, finds_nothing_else) {
  for (auto x :
       {"", "pin", "pingg", "get", "client|id", "averyveryverylongnameindeed"})
    EXPECT_EQ(find_command(x), nullptr) << x;
  EXPECT_EQ(find_command(std::string(1 << 20, 'p')), nullptr);
}

TEST(command_table_test, finds_subcommands_by_their_names) {
  auto client = find_command("client");
  ASSERT_NE(client, nullptr);
  auto list = find_subcommand(*client, "LiSt");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->name, "client|list");
  EXPECT_EQ(list->last_name(), "list");
  EXPECT_EQ(find_full_name("Client|List"), list);
  EXPECT_EQ(find_full_name("client|nosuch"), nullptr);
  EXPECT_EQ(find_full_name("client|"), nullptr);
  EXPECT_EQ(find_subcommand(*find_command("ping"), "list"), nullptr);
}

void check(const command_info& x, std::set<command_id>& seen) {
  EXPECT_TRUE(seen.insert(x.id).second) << x.name << ": id used twice";
  EXPECT_FALSE(x.summary.empty()) << x.name;
  EXPECT_FALSE(x.group.empty()) << x.name;
  EXPECT_EQ(to_lower(x.name), x.name);
  EXPECT_EQ(has(x.flags, flag::container), !x.subcommands.empty()) << x.name;
  auto categories = split(x.categories, ' ');
  auto among = [&categories](std::string_view category) {
    for (auto y : categories)
      if (y == category)
        return 1;
    return 0;
  };
  // COMMAND INFO of Redis always tells one of the two.
  EXPECT_EQ(among("@fast") + among("@slow"), 1) << x.name;
  EXPECT_EQ(among("@fast") == 1, has(x.flags, flag::fast)) << x.name;
  for (auto& sub : x.subcommands)
    check(sub, seen);
}

TEST(command_table_test, describes_every_command_whole) {
  std::set<command_id> seen;
  for (auto& x : commands())
    check(x, seen);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(command_id::watch) + 1)
    << "an id without a command";
}

TEST(command_table_test, gives_rights_as_documented) {
  const std::pair<std::string_view, right> rows[]{
    {"ping", right::none},
    {"info", right::status},
    {"svstatus", right::status},
    {"svwait", right::status},
    {"subscribe", right::events},
    {"publish", right::events},
    {"svstart", right::control},
    {"svapply", right::control},
    {"svsignal", right::control},
    {"load", right::admin},
    {"svdrop", right::control},
    {"svcheck", right::status},
    {"svgstop", right::control},
    {"svgstatus", right::status},
    {"svscale", right::control},
    {"svrun", right::admin},
    {"svlog", right::control},
    {"svplan", right::control},
    {"svwhy", right::status},
    {"svconfig", right::status},
    {"svlife", right::status},
    {"shutdown", right::admin},
    {"call", right::none},
    {"client|kill", right::admin},
    {"config|get", right::admin},
    {"script|flush", right::admin},
    {"latency|latest", right::status},
    {"multi", right::none},
    {"exec", right::none},
    {"flushall", right::none},
    {"acl|whoami", right::none},
  };
  for (auto [name, right] : rows)
    EXPECT_EQ(find_full_name(name)->right, right) << name;
}

TEST(command_table_test, tells_who_carries_a_command_out) {
  const std::pair<std::string_view, target> rows[]{
    {"ping", target::local},           {"publish", target::broker},
    {"pubsub|numsub", target::broker}, {"client|list", target::gateway},
    {"info", target::gateway},         {"load", target::librarian},
    {"tasks", target::librarian},      {"call", target::script},
    {"svstatus", target::roster},      {"sysinfo", target::system},
    {"shutdown", target::node},        {"client|kill", target::gateway},
    {"client|info", target::local},
  };
  for (auto [name, target] : rows)
    EXPECT_EQ(find_full_name(name)->target, target) << name;
}

TEST(command_table_test, lets_nothing_into_a_transaction_that_breaks_it) {
  for (auto name : {"subscribe", "psubscribe", "unsubscribe", "punsubscribe",
                    "client|reply", "shutdown", "ssubscribe", "sunsubscribe"})
    EXPECT_TRUE(has(find_full_name(name)->flags, flag::no_multi)) << name;
  for (auto name : {"ping", "publish", "svstart", "exec", "client|id"})
    EXPECT_FALSE(has(find_full_name(name)->flags, flag::no_multi)) << name;
}

TEST(command_table_test, allows_as_many_words_as_redis_does) {
  auto accepts = [](std::string_view name, std::size_t words) {
    return find_full_name(name)->accepts(words);
  };
  EXPECT_TRUE(accepts("ping", 1));
  EXPECT_TRUE(accepts("ping", 9)); // it says itself that two are too many
  EXPECT_FALSE(accepts("echo", 1));
  EXPECT_TRUE(accepts("echo", 2));
  EXPECT_FALSE(accepts("echo", 3));
  EXPECT_FALSE(accepts("subscribe", 1));
  EXPECT_TRUE(accepts("unsubscribe", 1));
  EXPECT_FALSE(accepts("command|getkeys", 3));
}

TEST(command_table_test, says_how_to_type_a_command) {
  auto text = [](std::string_view name) {
    return usage(*find_full_name(name));
  };
  EXPECT_EQ(text("ping"), "PING [message]");
  EXPECT_EQ(text("subscribe"), "SUBSCRIBE channel [channel ...]");
  EXPECT_EQ(text("auth"), "AUTH [username] password");
  EXPECT_EQ(text("hello"),
            "HELLO [protover] [AUTH username password] [SETNAME clientname]");
  EXPECT_EQ(text("svstart"), "SVSTART mask [mask ...] [WAIT ms]");
  EXPECT_EQ(text("svrestart"),
            "SVRESTART mask [mask ...] [WAIT ms] [ROLLING n]");
  EXPECT_EQ(text("svstatus"), "SVSTATUS [mask [mask ...]] [JSON|TEXT [UTF8]]");
  EXPECT_EQ(text("svrun"),
            "SVRUN name [--dir directory] [--log file] [--pidfile file] "
            "[--umask octal] [--user user] program [arg [arg ...]]");
  EXPECT_EQ(text("svlog"), "SVLOG name [COUNT n] [STREAM out|err] [TEXT]|"
                           "ROTATE|CLEAR");
  EXPECT_EQ(text("svapply"), "SVAPPLY [file [file ...]] [FORCE] "
                             "[TEXT]");
  EXPECT_EQ(text("client|list"),
            "CLIENT LIST [TYPE NORMAL|MASTER|REPLICA|PUBSUB] "
            "[ID client-id [client-id ...]]");
  EXPECT_EQ(text("client|reply"), "CLIENT REPLY ON|OFF|SKIP");
  EXPECT_EQ(text("client|kill"),
            "CLIENT KILL address|[ID client-id] "
            "[TYPE NORMAL|MASTER|REPLICA|PUBSUB] [USER username] "
            "[ADDR address] [LADDR local-address] [SKIPME yes-or-no]");
  EXPECT_EQ(text("exec"), "EXEC [alias] [arg [arg ...]]");
}

TEST(rights_test, has_what_it_was_given) {
  rights x{right::status, right::events};
  EXPECT_TRUE(x.has(right::status));
  EXPECT_TRUE(x.has(right::none));
  EXPECT_FALSE(x.has(right::control));
  EXPECT_TRUE(rights::all().has(right::admin));
  EXPECT_FALSE(rights{}.has(right::status));
}

} // namespace
} // namespace saker::resp
