#include "session/service_channels.hpp"

#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

acl::shared_services reach_to(std::initializer_list<const char*> masks) {
  acl::service_masks all;
  for (auto x : masks)
    all.push_back(*acl::parse_service_mask(x, true, true));
  return std::make_shared<const acl::service_masks>(std::move(all));
}

TEST(service_channels_test, are_those_of_services_that_may_be_reached) {
  auto reach = reach_to({"web*", "api:1", "db@n2"});
  for (auto name :
       {"log:n1:web", "log:n1:web2:7", "saker:n1:web:exit",
        "saker:n1:web:0:exit", "log:n1:api:1", "saker:n1:api:1:exit",
        "log:n2:db", "saker:n2:db:exit", "news", "logs", "saker", ""})
    EXPECT_TRUE(is_channel_within(reach, name, true)) << name;
  for (auto name :
       {"log:n1:db", "saker:n1:db:exit", "log:n1:api:0", "saker:n1:api:0:exit",
        "log:web", "saker:web", "log:", "log:n1:", "saker:n1:script/web:x"})
    EXPECT_FALSE(is_channel_within(reach, name, true)) << name;
  EXPECT_TRUE(is_channel_within(nullptr, "log:n1:db", true));
}

TEST(service_channels_test, patterns_say_in_text_what_they_mean) {
  auto reach = reach_to({"web*", "e*", "0*", "api", "cron:1", "db@n2", "%g"});
  for (auto x : {"saker:*:web:*", "saker:*:web*:exit", "saker:n1:web*",
                 "log:*:web", "log:*:webs*", "log:n1:web:*", "log:*:web:0",
                 "saker:*:e*:*", "saker:*:api:*", "log:n2:db", "log:n2:db:*",
                 "log:*:0a*", "news*", "x:log:*", "lag:*"})
    EXPECT_TRUE(is_pattern_within(reach, x, true)) << x;
  for (auto x :
       {"*", "?og:*", "l*", "log:*", "saker:*", "saker:n1:*", "log:n1:*",
        "log:n?:web", "log:*web", "log:*:we*", "log:*:*web", "log:*:w[e]b",
        "log:*:w\\eb", "log:*:ap*", "log:*:api*", "log:*:db", "log:n1:db",
        "log:*:cron", "log:*:cron:1",
        // These also mean `n1:db:0` and `n1:db:exit`.
        "log:*:0", "log:*:0*", "log:n1:0*", "saker:*:e*", "saker:*:exit",
        "log:*:g"})
    EXPECT_FALSE(is_pattern_within(reach, x, true)) << x;
  EXPECT_TRUE(is_pattern_within(nullptr, "*", true));
}

TEST(service_channels_test, whoever_may_look_hears_events_but_no_output) {
  auto reach = std::make_shared<const acl::service_masks>(
    acl::service_masks{*acl::parse_service_mask("web", true, false)});
  EXPECT_TRUE(is_channel_within(reach, "saker:n1:web:exit", false));
  EXPECT_FALSE(is_channel_within(reach, "log:n1:web", true));
  EXPECT_TRUE(is_pattern_within(reach, "saker:*:web:*", false));
  EXPECT_FALSE(is_pattern_within(reach, "log:*:web", true));
}

// -- of a client ----------------------------------------------------------------

settings with_ann(const std::vector<std::string>& rules) {
  auto x = test::default_settings();
  test::set_user(x, "default", {">secret"});
  test::set_user(x, "ann", {"reset", "on", ">anns", "&*", "+@all"});
  test::set_user(x, "ann", rules);
  return x;
}

TEST(service_channels_test, a_client_hears_of_its_services_only) {
  world x{with_ann({"~service:web", "%R~service:db"})};
  EXPECT_EQ(x.feed("AUTH ann anns\r\n"), "+OK\r\n");
  auto refused = [](const std::string& reply) {
    return reply.starts_with("-NOPERM ")
           && reply.find("write saker:*:NAME:* for") != reply.npos;
  };
  for (auto words :
       {"SUBSCRIBE log:n1:db", "PSUBSCRIBE log:*", "PSUBSCRIBE saker:*",
        "SSUBSCRIBE saker:n1:mail:exit", "SUBSCRIBE news log:n1:mail"})
    EXPECT_TRUE(refused(x.feed(std::string{words} + "\r\n"))) << words;
  EXPECT_FALSE(x.uut.subscribed());
  EXPECT_TRUE(
    x.feed("SUBSCRIBE news saker:n1:db:exit log:n1:web\r\n").starts_with("*3"));
  EXPECT_TRUE(x.feed("PSUBSCRIBE saker:*:web:*\r\n").starts_with("*3"));
}

TEST(service_channels_test, a_client_that_loses_a_service_ends) {
  world x{with_ann({"~service:web", "~service:db"})};
  x.feed("AUTH ann anns\r\nSUBSCRIBE log:n1:web\r\n");
  x.uut.use(std::make_shared<const settings>(
    with_ann({"~service:web", "%R~service:db"})));
  x.carry_on();
  EXPECT_FALSE(x.cut_off);
  x.uut.use(std::make_shared<const settings>(with_ann({"~service:db"})));
  x.carry_on();
  EXPECT_TRUE(x.cut_off);
}

TEST(service_channels_test, commands_carry_what_they_may_reach) {
  world x{with_ann({"~service:web"})};
  acl::shared_services seen;
  x.reply = [&](const request& what) {
    seen = what.services;
    return resp::ok();
  };
  x.feed("AUTH ann anns\r\nSVSTOP web\r\n");
  ASSERT_TRUE(seen);
  EXPECT_EQ(acl::changeable(seen), "web");
  x.feed("CALL deploy@n2\r\n");
  ASSERT_TRUE(seen);
  x.feed("AUTH secret\r\nSVSTOP web\r\n");
  EXPECT_FALSE(seen);
}

} // namespace
} // namespace saker::session
