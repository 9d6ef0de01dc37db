#include "acl/check.hpp"
#include "acl/service_channels.hpp"
#include "acl/user_list.hpp"

#include <gtest/gtest.h>

namespace saker::acl {
namespace {

using words = std::vector<std::string_view>;

/// `OK`, or what ACL DRYRUN tells.
std::string verdict_on(const user& who, const words& call) {
  return describe(check_call(who, *resp::find_command(call[0]), call));
}

std::string denied(std::string_view channel) {
  return describe({denial::channel, channel});
}

TEST(own_channels_test, nobody_may_forge) {
  for (auto command : {"publish", "spublish"}) {
    EXPECT_EQ(verdict_on(*owner(), {command, "saker:n:web:exit", "x"}),
              denied("saker:n:web:exit"));
    EXPECT_EQ(verdict_on(*owner(), {command, "log:n:web", "x"}),
              denied("log:n:web"));
    EXPECT_EQ(verdict_on(*owner(), {command, "audit:n:ann", "x"}),
              denied("audit:n:ann"));
    EXPECT_EQ(verdict_on(*owner(), {command, "logs", "x"}), "OK");
    EXPECT_EQ(verdict_on(*owner(), {command, "audit", "x"}), "OK");
  }
}

TEST(own_channels_test, output_is_for_those_who_control) {
  user_list all;
  auto& guest = *all.find("guest");
  for (words call : {words{"subscribe", "news", "log:n:web"},
                     words{"ssubscribe", "log:n:web"}}) {
    EXPECT_EQ(verdict_on(guest, call), denied("log:n:web"));
    EXPECT_EQ(verdict_on(*owner(), call), "OK");
  }
  for (auto pattern : {"*", "l*", "[l]og:*", "?og:x"}) {
    EXPECT_EQ(verdict_on(guest, {"psubscribe", pattern}), denied(pattern));
    EXPECT_EQ(verdict_on(*owner(), {"psubscribe", pattern}), "OK");
    EXPECT_FALSE(allows_pattern(guest, pattern));
  }
  EXPECT_EQ(verdict_on(guest, {"psubscribe", "saker:*"}), "OK");
  EXPECT_EQ(verdict_on(guest, {"subscribe", "log"}), "OK");
  EXPECT_FALSE(allows_channel(guest, "log:n:web"));
  EXPECT_TRUE(allows_channel(*owner(), "log:n:web"));
}

TEST(own_channels_test, who_did_what_is_for_admins) {
  user_list all;
  ASSERT_TRUE(all.change(
    "ops", std::vector<std::string>{"on", "allchannels", "~*", "+@basic",
                                    "+@status", "+@events", "+@control"}));
  auto& ops = *all.find("ops");
  for (words call : {words{"subscribe", "news", "audit:n:ann"},
                     words{"ssubscribe", "audit:n:ann"}}) {
    EXPECT_EQ(verdict_on(ops, call), denied("audit:n:ann"));
    EXPECT_EQ(verdict_on(*owner(), call), "OK");
  }
  for (auto pattern : {"*", "a*", "[a]udit:*", "?udit:n:x"}) {
    EXPECT_EQ(verdict_on(ops, {"psubscribe", pattern}), denied(pattern));
    EXPECT_EQ(verdict_on(*owner(), {"psubscribe", pattern}), "OK");
    EXPECT_FALSE(allows_pattern(ops, pattern));
  }
  EXPECT_EQ(verdict_on(ops, {"psubscribe", "log:*", "saker:*"}), "OK");
  EXPECT_EQ(verdict_on(ops, {"subscribe", "audit"}), "OK");
  EXPECT_FALSE(allows_channel(ops, "audit:n:ann"));
  EXPECT_TRUE(allows_channel(*owner(), "audit:n:ann"));
}

TEST(own_channels_test, are_known_to_those_who_may_hear_them) {
  using resp::right;
  const resp::rights guest{right::status, right::events};
  const resp::rights ops{right::status, right::events, right::control};
  const resp::rights admin{right::control, right::admin};
  EXPECT_TRUE(may_know_of({}, nullptr, "news"));
  EXPECT_TRUE(may_know_of(guest, nullptr, "saker:n1:web:exit"));
  EXPECT_FALSE(may_know_of(guest, nullptr, "log:n1:web"));
  EXPECT_TRUE(may_know_of(ops, nullptr, "log:n1:web"));
  EXPECT_FALSE(may_know_of(ops, nullptr, "audit:n1:ann"));
  EXPECT_TRUE(may_know_of(admin, nullptr, "audit:n1:ann"));
  auto some = std::make_shared<const service_masks>(
    service_masks{*parse_service_mask("web", true, true),
                  *parse_service_mask("db", true, false)});
  EXPECT_TRUE(may_know_of(ops, some, "news"));
  EXPECT_TRUE(may_know_of(ops, some, "log:n1:web"));
  EXPECT_FALSE(may_know_of(ops, some, "log:n1:db"));
  EXPECT_TRUE(may_know_of(ops, some, "saker:n1:db:exit"));
  EXPECT_FALSE(may_know_of(ops, some, "saker:n1:mail:exit"));
}

} // namespace
} // namespace saker::acl
