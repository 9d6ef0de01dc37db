#include "cluster/wire.hpp"

#include <gtest/gtest.h>

namespace saker::cluster {
namespace {

using pubsub::subscription_kind;

TEST(wire_test, carries_interest) {
  pubsub::interest x{true,
                     false,
                     {{subscription_kind::channel, "a\r\nb", 2},
                      {subscription_kind::pattern, "*", 0},
                      {subscription_kind::shard, "s", 1}}};
  auto y = parse_interest(encode(x));
  ASSERT_TRUE(y);
  EXPECT_EQ(*y, x);
  EXPECT_TRUE(
    parse_interest(encode(pubsub::interest{false, true, {}}))->everything);
}

TEST(wire_test, carries_messages_in_order) {
  session::publish_batch x;
  x.add("a", std::string{"\0\r\n", 3});
  x.add("", "");
  x.add("a", "2");
  auto y = parse_batch(encode(x));
  ASSERT_TRUE(y);
  std::vector<std::pair<std::string, std::string>> got;
  y->for_each([&](auto m) { got.emplace_back(m.channel, m.payload); });
  EXPECT_EQ(got, (std::vector<std::pair<std::string, std::string>>{
                   {"a", std::string{"\0\r\n", 3}}, {"", ""}, {"a", "2"}}));
}

TEST(wire_test, tells_messages_of_shards_from_those_of_channels) {
  session::publish_batch x;
  x.add("a", "1");
  x.add("a\r\n", "2", subscription_kind::shard);
  x.add("a", "3");
  auto y = parse_batch(encode(x));
  ASSERT_TRUE(y);
  std::string got;
  y->for_each([&](auto m) {
    got += m.kind == subscription_kind::shard ? "shard " : "channel ";
    got += std::string{m.channel} + '=' + std::string{m.payload} + ' ';
  });
  EXPECT_EQ(got, "channel a=1 shard a\r\n=2 channel a=3 ");
}

TEST(wire_test, carries_commands_with_their_rights) {
  far_command x{{"svstop", "a"},
                "bob@1.2.3.4:5 via n1",
                {resp::right::status, resp::right::control},
                resp::protocol::resp2};
  auto y = parse_command(encode(x));
  ASSERT_TRUE(y);
  EXPECT_EQ(*y, x);
}

TEST(wire_test, carries_commands_with_the_services_that_they_may_reach) {
  acl::service_masks some{*acl::parse_service_mask("web*", true, true),
                          *acl::parse_service_mask("db@n1", true, false)};
  for (auto& masks : {acl::service_masks{}, some}) {
    far_command x{{"svstop", "a"}, "bob@1.2.3.4:5 via n1", {}};
    x.services = std::make_shared<const acl::service_masks>(masks);
    auto text = encode(x);
    auto y = parse_command(text);
    ASSERT_TRUE(y);
    EXPECT_EQ(*y, x);
    // A version that knows of no limits must not carry that out.
    EXPECT_TRUE(text.find(":3\r\n*0\r\n") != text.npos) << text;
  }
  EXPECT_FALSE(parse_command("*6\r\n$1\r\nb\r\n:0\r\n:3\r\n*0\r\n*1\r\n"
                             "$1\r\na\r\n*1\r\n$4\r\nsvup\r\n"));
}

TEST(wire_test, carries_replies_of_every_kind) {
  resp::value x = resp::array{{resp::map{}.add("a", nullptr).add("b", true),
                               2.5, resp::simple{"OK"}, resp::error{"ERR x"},
                               resp::verbatim{"t\n"}, 7}};
  auto y = parse_reply(encode_reply(x));
  ASSERT_TRUE(y);
  EXPECT_EQ(*y, x);
}

TEST(wire_test, refuses_what_it_cannot_read) {
  for (auto text : {"", "x", "*1\r\n:1\r\n", "*2\r\n:1\r\n", "$3\r\nabc\r\n"}) {
    EXPECT_FALSE(parse_interest(text)) << text;
    EXPECT_FALSE(parse_command(text)) << text;
  }
  EXPECT_FALSE(parse_batch("*1\r\n$1\r\na\r\n"));
  EXPECT_FALSE(parse_batch("$1\r\na\r\n"));
  EXPECT_FALSE(parse_reply("*1\r\n"));
  EXPECT_FALSE(parse_interest("*5\r\n:0\r\n:0\r\n:3\r\n$1\r\na\r\n:1\r\n"));
  EXPECT_FALSE(parse_interest("*5\r\n:0\r\n:0\r\n:1\r\n$1\r\na\r\n:-1\r\n"));
}

} // namespace
} // namespace saker::cluster
