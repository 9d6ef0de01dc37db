// What a user may do by other ways than the plain one.
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

settings with_bob(const std::vector<std::string>& rules) {
  auto x = test::default_settings();
  auto all = std::vector<std::string>{"on", "nopass", "&*", "~*"};
  all.insert(all.end(), rules.begin(), rules.end());
  test::set_user(x, "bob", all);
  return x;
}

/// A client that is `bob`, and what was sent on for it.
struct bobs_world : world {
  explicit bobs_world(const std::vector<std::string>& rules)
    : world{with_bob(rules)} {
    reply = [this](const request& x) {
      asked.push_back(x);
      return resp::ok();
    };
    feed("AUTH bob x\r\n");
  }

  /// His rules change; what he is told then.
  std::string change(const std::vector<std::string>& rules) {
    auto next = with_bob(before);
    test::set_user(next, "bob", rules);
    uut.use(std::make_shared<const settings>(std::move(next)));
    return carry_on();
  }

  std::vector<std::string> before;
  std::vector<request> asked;
};

TEST(detour_test, exec_calls_no_script_elsewhere_that_call_may_not) {
  constexpr std::string_view refused
    = "-NOPERM this user has no permissions to run the 'call' command\r\n";
  bobs_world x{{"+@all", "-call"}};
  EXPECT_EQ(x.feed("EXEC greet@n2\r\n"), refused);
  EXPECT_EQ(x.feed("CALL greet@n2\r\n"), refused);
  bobs_world y{{"+exec", "+call|greet@n2"}};
  EXPECT_EQ(y.feed("EXEC other@n2\r\n"), refused);
  EXPECT_EQ(x.asked.size() + y.asked.size(), 0u);
  EXPECT_EQ(y.feed("EXEC greet@n2\r\n"), "+OK\r\n");
}

TEST(detour_test, a_script_elsewhere_is_called_with_the_rights_for_it) {
  bobs_world x{{"+@status", "(+call +@events)"}};
  EXPECT_EQ(x.feed("CALL greet@n2\r\n"), "+OK\r\n");
  ASSERT_EQ(x.asked.size(), 1u);
  EXPECT_EQ(x.asked[0].rights, resp::rights{resp::right::events});
  EXPECT_EQ(x.asked[0].args, (std::vector<std::string>{"call", "greet@n2"}));
}

TEST(detour_test, a_script_elsewhere_reaches_no_more_services_than_one_here) {
  // One selector has the right, the other one the services.
  bobs_world x{
    {"+call", "+@status", "(+call +@control +@script ~service:web)"}};
  EXPECT_EQ(x.feed("CALL greet@n2\r\n"), "+OK\r\n");
  ASSERT_EQ(x.asked.size(), 1u);
  EXPECT_EQ(x.asked[0].rights,
            (resp::rights{resp::right::status, resp::right::script}));
}

TEST(detour_test, whoever_loses_control_hears_no_output_any_more) {
  for (auto how : {"SUBSCRIBE log:n1:web", "SSUBSCRIBE log:n1:web",
                   "PSUBSCRIBE l*", "PSUBSCRIBE ?og:*"}) {
    bobs_world x{{"+@all"}};
    x.before = {"+@all"};
    x.feed(std::string{how} + "\r\n");
    EXPECT_TRUE(x.uut.subscribed()) << how;
    x.change({"-svrun"});
    EXPECT_FALSE(x.closed) << "he still controls";
    x.change({"-svstop"});
    EXPECT_TRUE(x.closed && x.cut_off) << how;
  }
  for (auto how : {"SUBSCRIBE audit:n1:ann", "PSUBSCRIBE a*", "PSUBSCRIBE *"}) {
    bobs_world x{{"+@all"}};
    x.before = {"+@all"};
    x.feed(std::string{how} + "\r\n");
    EXPECT_TRUE(x.uut.subscribed()) << how;
    x.change({"-svstop"});
    EXPECT_EQ(x.closed, how == std::string_view{"PSUBSCRIBE *"})
      << "he is still an admin: " << how;
    x.change({"-svrun"});
    EXPECT_TRUE(x.closed && x.cut_off) << how;
  }
  for (auto how : {"SUBSCRIBE news", "PSUBSCRIBE saker:*"}) {
    bobs_world x{{"+@all"}};
    x.before = {"+@all"};
    x.feed(std::string{how} + "\r\n");
    x.change({"-svstop"});
    EXPECT_FALSE(x.closed) << how;
  }
}

TEST(detour_test, whoever_may_not_monitor_any_more_is_shown_nothing) {
  bobs_world x{{"+@all"}};
  x.before = {"+@all"};
  EXPECT_EQ(x.feed("MONITOR\r\n"), "+OK\r\n");
  x.change({"-svrun"});
  EXPECT_FALSE(x.closed);
  x.change({"-monitor"});
  EXPECT_TRUE(x.closed && x.cut_off);
}

} // namespace
} // namespace saker::session
