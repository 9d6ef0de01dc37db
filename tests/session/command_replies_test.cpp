#include "session/command_replies.hpp"

#include "resp/reply_parser.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

class command_replies_test : public ::testing::Test {
protected:
  static settings config() {
    std::vector<alias> all;
    all.push_back({"deploy", "deploy.lua", "Deploys.", -2});
    auto table = std::make_shared<const alias_table>(std::move(all));
    auto x = test::default_settings();
    x.aliases = [table] { return table; };
    return x;
  }

  /// The one value that a command answers.
  static resp::value ask(std::string_view command, bool resp3 = false) {
    test::world x{config()};
    resp::reply_parser in;
    if (resp3)
      x.feed("HELLO 3\r\n");
    in.feed(x.feed(std::string{command} + "\r\n"));
    auto result = in.next();
    EXPECT_TRUE(result.has_value()) << command;
    EXPECT_TRUE(in.idle()) << command << ": more than one reply";
    return result.value_or(resp::value{});
  }

  static std::string show(std::string_view command, bool resp3 = false) {
    return to_string(ask(command, resp3));
  }
};

TEST_F(command_replies_test, counts_commands_with_those_of_scripts) {
  EXPECT_EQ(ask("COMMAND COUNT").integer(),
            static_cast<std::int64_t>(resp::commands().size() + 1));
  EXPECT_EQ(ask("COMMAND").items().size(), resp::commands().size() + 1);
  EXPECT_EQ(ask("COMMAND INFO").items().size(), resp::commands().size() + 1);
}

TEST_F(command_replies_test, tells_details_in_the_shape_of_redis) {
  EXPECT_EQ(show("COMMAND INFO ping nosuch"),
            "[[\"ping\", -1, [+fast], 0, 0, 0, [+@fast, +@connection], "
            "[\"request_policy:all_shards\", "
            "\"response_policy:all_succeeded\"], "
            "[], []], null]");
  EXPECT_EQ(show("COMMAND INFO client|id Deploy", true),
            "[[\"client|id\", 2, ~[+noscript, +loading, +stale], 0, 0, 0, "
            "~[+@slow, +@connection], ~[], ~[], ~[]], [\"deploy\", -2, ~[], 0, "
            "0, 0, ~[+@slow, +@scripting], ~[], ~[], ~[]]]");
  EXPECT_EQ(ask("COMMAND INFO pubsub").items()[0].items()[9].items().size(),
            6u);
}

TEST_F(command_replies_test, tells_no_more_than_there_is) {
  std::string many = "DOCS";
  for (auto i = 0; i < 1'001; ++i)
    many += " ping";
  // A map of RESP2: a name and what is told of it by turns.
  EXPECT_EQ(ask("COMMAND " + many).items().size(), 2'000u);
  auto rows = ask("COMMAND INFO" + many.substr(4));
  ASSERT_EQ(rows.items().size(), 1'001u);
  EXPECT_FALSE(rows.items()[999].is_null());
  EXPECT_TRUE(rows.items()[1'000].is_null());
}

TEST_F(command_replies_test, tells_where_keys_would_stand) {
  constexpr auto range = [](auto... x) {
    std::string text;
    ((text += ", " + std::to_string(x)), ...);
    return text;
  };
  EXPECT_NE(show("COMMAND INFO watch").find(range(1, -1, 1)),
            std::string::npos);
  EXPECT_NE(show("COMMAND INFO spublish", true)
              .find("~[{\"flags\": ~[+not_key], \"begin_search\": {\"type\": "
                    "\"index\", \"spec\": {\"index\": 1}}, \"find_keys\": "
                    "{\"type\": \"range\", \"spec\": {\"lastkey\": 0, "
                    "\"keystep\": 1, \"limit\": 0}}}]"),
            std::string::npos)
    << show("COMMAND INFO spublish", true);
  EXPECT_NE(show("COMMAND INFO object|encoding").find(range(2, 2, 1)),
            std::string::npos);
}

TEST_F(command_replies_test, documents_in_the_shape_that_redis_cli_reads) {
  EXPECT_EQ(show("COMMAND DOCS ping nosuch"),
            "[\"ping\", [\"summary\", \"Ping the server.\", \"since\", "
            "\"1.0.0\", \"group\", \"connection\", \"complexity\", \"O(1)\", "
            "\"arguments\", [[\"name\", \"message\", \"type\", \"string\", "
            "\"flags\", [+optional]]]]]");
  EXPECT_EQ(show("COMMAND DOCS deploy", true),
            "{\"deploy\": {\"summary\": \"Deploys.\", \"since\": \"1.0.0\", "
            "\"group\": \"scripting\", \"complexity\": \"Depends on the "
            "script.\", \"arguments\": [{\"name\": \"arg\", "
            "\"type\": \"string\", \"flags\": ~[+optional, +multiple]}]}}");
  EXPECT_EQ(show("COMMAND DOCS nosuch"), "[]");
  EXPECT_EQ(show("COMMAND DOCS nosuch", true), "{}");
}

/// Wrong shapes make redis-cli abort.
void check_arguments(const resp::value& all) {
  for (auto& x : all.items()) {
    ASSERT_NE(x.find("name"), nullptr);
    ASSERT_NE(x.find("type"), nullptr);
    if (auto flags = x.find("flags")) {
      for (auto& flag : flags->items())
        EXPECT_TRUE(flag.is<resp::simple>()) << x;
    }
    auto type = x.find("type")->text();
    auto parts = x.find("arguments");
    EXPECT_EQ(parts != nullptr, type == "oneof" || type == "block") << x;
    if (type == "pure-token") {
      EXPECT_NE(x.find("token"), nullptr) << x;
    }
    if (parts)
      check_arguments(*parts);
  }
}

void check_docs(const resp::value& x) {
  ASSERT_NE(x.find("summary"), nullptr) << x;
  ASSERT_NE(x.find("group"), nullptr) << x;
  ASSERT_NE(x.find("complexity"), nullptr) << x;
  if (auto arguments = x.find("arguments"))
    check_arguments(*arguments);
  if (auto parts = x.find("subcommands")) {
    auto flat = parts->items();
    for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
      EXPECT_NE(flat[i].text().find('|'), std::string_view::npos);
      check_docs(flat[i + 1]);
    }
  }
}

TEST_F(command_replies_test, documents_every_command_whole) {
  auto all = ask("COMMAND DOCS");
  auto flat = all.items();
  EXPECT_EQ(flat.size(), 2 * (resp::commands().size() + 1));
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    check_docs(flat[i + 1]);
  auto client = all.find("client");
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->find("subcommands")->items().size(), 36u);
}

TEST_F(command_replies_test, lists_names_with_subcommands) {
  auto all = ask("COMMAND LIST");
  auto has = [&all](std::string_view name) {
    for (auto& x : all.items())
      if (x.text() == name)
        return true;
    return false;
  };
  EXPECT_TRUE(has("ping"));
  EXPECT_TRUE(has("client|list"));
  EXPECT_TRUE(has("deploy"));
}

TEST_F(command_replies_test, filters_the_list) {
  EXPECT_EQ(show("COMMAND LIST FILTERBY PATTERN PUB*"),
            "[\"publish\", \"pubsub\", \"pubsub|channels\", \"pubsub|help\", "
            "\"pubsub|numpat\", \"pubsub|numsub\", \"pubsub|shardchannels\", "
            "\"pubsub|shardnumsub\"]");
  EXPECT_EQ(show("COMMAND LIST FILTERBY MODULE x"), "[]");
  EXPECT_EQ(show("COMMAND LIST FILTERBY ACLCAT nosuch"), "[]");
  EXPECT_EQ(show("COMMAND LIST filterby aclcat SCRIPTING"),
            "[\"call\", \"function|flush\", \"function|list\", "
            "\"function|stats\", \"function|help\", \"load\", "
            "\"script|exists\", \"script|flush\", \"script|help\", "
            "\"tasks\", \"unload\", \"deploy\"]");
  for (auto x : {"FILTERBY", "FILTERBY FOO x", "FILTERBY PATTERN a b", "x"})
    EXPECT_EQ(show("COMMAND LIST " + std::string{x}), "-ERR syntax error");
}

TEST_F(command_replies_test, helps_with_subcommands) {
  auto lines = ask("PUBSUB HELP");
  ASSERT_EQ(lines.items().size(), 13u);
  EXPECT_EQ(lines.items()[0],
            resp::value{resp::simple{"PUBSUB <subcommand> [<arg> [value] [opt] "
                                     "...]. Subcommands are:"}});
  EXPECT_EQ(lines.items()[1], resp::value{resp::simple{"CHANNELS [pattern]"}});
  for (auto x : {"ACL HELP", "CLIENT HELP", "COMMAND HELP", "CONFIG HELP",
                 "FUNCTION HELP", "LATENCY HELP", "SCRIPT HELP", "SLOWLOG HELP",
                 "MEMORY HELP", "OBJECT HELP", "DEBUG HELP"}) {
    auto text = ask(x);
    EXPECT_GT(text.items().size(), 3u) << x;
    for (auto& line : text.items())
      EXPECT_TRUE(line.is<resp::simple>());
  }
}

TEST_F(command_replies_test, explains_every_command_and_says_what_is_missing) {
  auto all = show("HELP");
  for (auto& x : resp::commands())
    if (x.subcommands.empty()) {
      EXPECT_NE(all.find(resp::usage(x)), all.npos) << x.name;
    }
  EXPECT_NE(all.find("deploy - Deploys."), all.npos);
  EXPECT_EQ(show("HELP svstop"),
            "[+SVSTOP mask [mask ...] [WAIT ms], +Stop services., "
            "+Needs the right: control]");
  EXPECT_EQ(show("HELP client list").substr(0, 14), "[+CLIENT LIST ");
  EXPECT_EQ(show("HELP deploy"), "[+deploy, +Deploys., +A command of "
                                 "deploy.lua. Needs the right: script]");
  EXPECT_EQ(
    show("HELP svstoop"),
    "-ERR there is no command 'svstoop' (did you mean \\\"svstop\\\" or "
    "\\\"svgstop\\\"?); HELP lists all");
}

} // namespace
} // namespace saker::session
