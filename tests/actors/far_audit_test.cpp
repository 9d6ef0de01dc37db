// What is told of commands that other nodes have this one carry out.
#include "actors/far_audit.hpp"

#include "resp/command_table.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using session::audit_entry;
using session::audit_outcome;

using words = std::vector<std::string>;

class far_audit_test : public ::testing::Test {
protected:
  static command_call call(words args, std::string from) {
    command_call x;
    x.what.command = resp::find_command(args[0]);
    x.what.args = std::move(args);
    x.from = std::move(from);
    return x;
  }

  /// A command of a script, as its carrier gets it.
  static command_call call_of_script(resp::right needed) {
    auto x = call({"deploy", "web"}, "ann@10.0.0.7:4711 via a");
    x.what.needed = needed;
    return x;
  }

  void carry_out(const command_call& x, const resp::value& reply) {
    if (auto open = begin_far_audit(trail, x, now))
      open->answered(0, reply);
  }

  std::vector<audit_entry> told;
  session::shared_trail trail = std::make_shared<session::audit_trail>(
    config::audit_settings{},
    [this](audit_entry x) { told.push_back(std::move(x)); }, [] {});
  session::moment now{
    std::chrono::steady_clock::time_point{std::chrono::hours{1}},
    std::chrono::system_clock::time_point{std::chrono::seconds{5}}};
};

TEST_F(far_audit_test, tells_who_asked_and_by_which_node) {
  carry_out(call({"svstop", "web"}, "ann@10.0.0.7:4711 via a"), resp::ok());
  ASSERT_EQ(told.size(), 1u);
  audit_entry expected;
  expected.at = now.wall;
  expected.user = "ann";
  expected.address = "10.0.0.7:4711 via a";
  expected.command = "svstop";
  expected.args = expected.services = {"web"};
  EXPECT_EQ(told[0], expected);
}

TEST_F(far_audit_test, knows_a_script_that_asks) {
  carry_out(call({"svstop", "web"}, "script:night.lua via a"), resp::ok());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].user, "script:night.lua");
  EXPECT_EQ(told[0].address, "lua via a");
  carry_out(call({"svstop", "web"}, "ann@example.com@10.0.0.7:1 via a"),
            resp::ok());
  EXPECT_EQ(told.at(1).user, "ann@example.com");
  EXPECT_EQ(told.at(1).address, "10.0.0.7:1 via a");
  told.pop_back();
  carry_out(call({"svstop", "web"}, "nothing"), resp::ok());
  EXPECT_EQ(told.at(1).user, "nothing");
  const std::string longest(10'000, 'x');
  carry_out(call({"svstop", "web"}, longest + '@' + longest), resp::ok());
  EXPECT_EQ(told.at(2).user.size(), 128u);
  EXPECT_EQ(told.at(2).address.size(), 128u);
}

TEST_F(far_audit_test, tells_nothing_of_who_only_looks) {
  carry_out(call({"svstatus", "web"}, "ann@x via a"), resp::ok());
  carry_out(call({"svlog", "web"}, "ann@x via a"), resp::ok());
  carry_out(call_of_script(resp::right::status), resp::ok());
  carry_out(call_of_script(resp::right::script), resp::ok());
  EXPECT_TRUE(told.empty());
}

TEST_F(far_audit_test, tells_of_a_look_that_is_refused) {
  auto look = call({"svlog", "db"}, "ann@x via a");
  look.what.services = std::make_shared<const acl::service_masks>();
  carry_out(look, resp::ok());
  (void)begin_far_audit(trail, look, now); // nobody answers
  EXPECT_TRUE(told.empty());
  for (int i = 0; i < 11; ++i)
    carry_out(look, resp::error{"NOPERM not db"});
  ASSERT_EQ(told.size(), 10u) << "refusals have one limit";
  EXPECT_EQ(told[0].command, "svlog");
  EXPECT_EQ(told[0].user, "ann");
  EXPECT_EQ(told[0].result,
            (session::audit_result{audit_outcome::refused, "NOPERM"}));
}

TEST_F(far_audit_test, tells_how_it_ended) {
  auto stop = call({"svstop", "web"}, "ann@x via a");
  carry_out(stop, resp::error{"NOPERM not web"});
  EXPECT_EQ(told.at(0).result.outcome, audit_outcome::refused);
  (void)begin_far_audit(trail, stop, now); // nobody answers
  EXPECT_EQ(told.at(1).result.outcome, audit_outcome::begun);
}

TEST_F(far_audit_test, knows_commands_of_scripts_by_their_right) {
  carry_out(call_of_script(resp::right::control), resp::ok());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].command, "deploy");
  EXPECT_EQ(told[0].args, words{"web"});
}

TEST_F(far_audit_test, tells_what_is_refused_before_it_begins) {
  auto x = call_of_script(resp::right::none);
  tell_far_refusal(trail, x, fail(errc::not_permitted, "no"), now);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].command, "deploy");
  EXPECT_EQ(told[0].result,
            (session::audit_result{audit_outcome::refused, "NOPERM"}));
  tell_far_refusal(trail, x, fail(errc::loading, "wait"), now);
  EXPECT_EQ(told.size(), 1u);
  for (int i = 0; i < 100; ++i)
    tell_far_refusal(trail, x, fail(errc::not_permitted, "no"), now);
  EXPECT_EQ(told.size(), 10u);
}

TEST_F(far_audit_test, is_nothing_without_a_trail) {
  trail = nullptr;
  auto x = call({"svstop", "web"}, "ann@x via a");
  EXPECT_EQ(begin_far_audit(trail, x, now), nullptr);
  tell_far_refusal(trail, x, fail(errc::not_permitted, "no"), now);
  EXPECT_TRUE(told.empty());
}

} // namespace
} // namespace saker
