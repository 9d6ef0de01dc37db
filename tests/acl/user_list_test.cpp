#include "acl/user_list.hpp"

#include <gtest/gtest.h>

namespace saker::acl {
namespace {

using lines = std::vector<std::string>;

/// Empty if it was done.
std::string change(user_list& x, std::string_view name, const lines& rules) {
  auto done = x.change(name, rules);
  return done ? std::string{} : done.error().detail;
}

TEST(user_list_test, begins_with_default_and_guest) {
  user_list x;
  EXPECT_EQ(x.lines(),
            (lines{"user default on nopass ~* &* +@all",
                   "user guest on ~* &* -@all +@basic +@status +@events"}));
}

TEST(user_list_test, carries_out_all_rules_or_none) {
  user_list x;
  EXPECT_EQ(change(x, "bob", {"on", "+foo"}),
            "Error in ACL SETUSER modifier '+foo': Unknown command or category "
            "name in ACL");
  EXPECT_EQ(x.find("bob"), nullptr);
  EXPECT_EQ(change(x, "bob", {"on", "+ping"}), "");
  EXPECT_EQ(change(x, "bob", {"off", "-ping", "~x\r\ny"}),
            "Error in ACL SETUSER modifier '~x  y': Syntax error");
  EXPECT_EQ(x.find("bob")->describe(), "on resetchannels -@all +ping");
}

TEST(user_list_test, says_no_password_again) {
  const std::string hash(64, 'a');
  const std::pair<lines, std::string_view> wrong[]{
    {{"#pw"}, "'#(redacted)': The password hash"},
    {{"<my pw"}, "'<(redacted)': The password you"},
    {{'!' + hash}, "'!(redacted)': The password you"},
    {{"on", hash}, "modifier: rule 2 (not shown: it may be"},
    {{"on", "pw"}, "modifier: rule 2 (not shown: it may be"},
    {{"on", "(+ping", "~a)", "pw", "+echo"}, "modifier: rule 4 (not shown:"},
    {{"on pw"}, "modifier: rule 1 (not shown:"},
    {{"(+ping", ">pw", "~a)"}, "'(+ping >(redacted) ~a)': Syntax error"},
    {{"(+ping", "pw)"}, "'(+ping (redacted))': Syntax error"},
    {{"(>pw", "+ping"}, "starting at '(>(redacted)'."},
    {{"(pw", "+ping"}, "starting at '((redacted)'."},
  };
  for (auto& [rules, text] : wrong) {
    user_list x;
    auto why = change(x, "bob", rules);
    EXPECT_NE(why.find(text), why.npos) << why;
    EXPECT_EQ(why.find("pw"), why.npos) << why;
    EXPECT_EQ(why.find(hash), why.npos) << why;
  }
}

TEST(user_list_test, says_again_what_is_no_password) {
  user_list x;
  for (auto rule : {"+foo", "-foo", "%Q~x", "(on)", "(+foo)", "~a b", "+@foo"})
    EXPECT_EQ(
      change(x, "bob", {rule})
        .find("Error in ACL SETUSER modifier '" + std::string{rule} + "': "),
      0u)
      << rule;
  auto done = x.load(lines{"user ann on s3cr3t"}, "users");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "users:1: rule 2 (not shown: it may be a "
                                 "password without >): Syntax error.");
}

TEST(user_list_test, puts_selectors_together) {
  user_list x;
  EXPECT_EQ(change(x, "bob", {"(+ping", "~a)", "(", "&b", ")", "on"}), "");
  EXPECT_EQ(x.find("bob")->describe(),
            "on resetchannels -@all (~a resetchannels -@all +ping) "
            "(resetchannels &b -@all)");
  for (auto open : {"(+ping", "(", "(+ping)x"})
    EXPECT_EQ(change(x, "bob", {"off", open, "~a"}),
              "Unmatched parenthesis in acl selector starting at '"
                + std::string{open} + "'.");
}

TEST(user_list_test, refuses_names_that_its_lines_could_not_hold) {
  user_list x;
  using namespace std::string_view_literals;
  for (auto name : {"a b"sv, "a\0b"sv, "a\n"sv, ""sv})
    EXPECT_EQ(change(x, name, {"on"}),
              "Usernames can't contain spaces or null characters");
}

TEST(user_list_test, keeps_default_and_guest) {
  user_list x;
  change(x, "bob", {});
  EXPECT_TRUE(x.erase("bob"));
  EXPECT_FALSE(x.erase("bob"));
  EXPECT_FALSE(x.erase("default"));
  EXPECT_FALSE(x.erase("guest"));
  EXPECT_EQ(x.all().size(), 2u);
}

TEST(user_list_test, tells_users_of_one_name_apart) {
  user_list x;
  change(x, "bob", {});
  auto first = x.find("bob");
  change(x, "bob", {"on"});
  EXPECT_EQ(x.find("bob")->number(), first->number());
  x.erase("bob");
  change(x, "bob", {});
  EXPECT_NE(x.find("bob")->number(), first->number());
}

TEST(user_list_test, copies_do_not_see_later_changes) {
  user_list x;
  auto copy = x;
  change(x, "default", {"-ping"});
  EXPECT_EQ(copy.find("default")->describe(), "on nopass ~* &* +@all");
  EXPECT_EQ(x.find("guest"), copy.find("guest")) << "shared";
}

TEST(user_list_test, gives_channels_to_new_users_if_told_to) {
  user_list x;
  x.every_channel(true);
  change(x, "bob", {"()"});
  EXPECT_EQ(x.find("bob")->describe(), "off &* -@all (&* -@all)");
  change(x, "bob", {"&*", "resetchannels", "reset"});
  EXPECT_EQ(x.find("bob")->describe(), "off sanitize-payload &* -@all");
}

// -- lines ---------------------------------------------------------------------

TEST(user_list_test, loads_what_it_lists) {
  user_list x;
  change(x, "bob", {"on", ">pw", "~a", "(+ping ~b)"});
  change(x, "default", {">secret", "-debug"});
  user_list y;
  ASSERT_TRUE(y.load(x.lines(), "users"));
  EXPECT_EQ(y.lines(), x.lines());
}

TEST(user_list_test, makes_users_anew_and_keeps_the_others) {
  user_list x;
  change(x, "bob", {"on", "+ping"});
  change(x, "ann", {"on", "+ping"});
  auto number = x.find("bob")->number();
  ASSERT_TRUE(x.load(lines{"", "  user  bob \t nopass\r"}, "users"));
  EXPECT_EQ(x.find("bob")->describe(), "off nopass resetchannels -@all");
  EXPECT_EQ(x.find("bob")->number(), number);
  EXPECT_EQ(x.find("ann")->describe(), "on resetchannels -@all +ping");
}

TEST(user_list_test, words_of_a_line_stand_as_far_apart_as_they_like) {
  for (auto line : {"user  default on >pw", "user\tdefault\ton\t>pw",
                    "\tuser \t default  on \t\t>pw\t\r"}) {
    user_list x;
    auto done = x.load(lines{line, " \t "}, "users");
    ASSERT_TRUE(done) << done.error().detail;
    auto who = x.find("default");
    EXPECT_TRUE(who->on());
    EXPECT_FALSE(who->open()) << line;
    EXPECT_EQ(who->passwords().size(), 1u);
    EXPECT_EQ(x.all().size(), 2u);
  }
}

TEST(user_list_test, tells_all_faults_and_loads_nothing) {
  user_list x;
  auto done = x.load(lines{"user a on", "user a off", "user b +foo", "usr c",
                           "user", "user d (+ping"},
                     "users");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail,
            "users:2: user 'a' stands there twice. users:3: '+foo': Unknown "
            "command or category name in ACL. users:4: should start with user "
            "keyword followed by the username. users:5: should start with user "
            "keyword followed by the username. users:6: Unmatched parenthesis "
            "in acl selector starting at '(+ping'.");
  EXPECT_EQ(x.all().size(), 2u);
}

TEST(user_list_test, tells_faults_apart_for_those_who_list_them) {
  user_list x;
  EXPECT_EQ(x.take(lines{"usr a", "user b on", "user c +foo"}, "f"),
            (lines{"f:1: should start with user keyword followed by the "
                   "username",
                   "f:3: '+foo': Unknown command or category name in ACL"}));
  EXPECT_FALSE(x.find("b"));
  EXPECT_EQ(x.take(lines{"user b on"}, "f"), lines{});
  EXPECT_TRUE(x.find("b"));
}

TEST(user_list_test, tells_only_the_first_faults_of_another_file) {
  user_list x;
  auto done = x.load(lines(100'000, "root:x:0:0:root:/root:/bin/bash"),
                     "users");
  ASSERT_FALSE(done);
  EXPECT_LT(done.error().detail.size(), 2000u);
  EXPECT_TRUE(done.error().detail.ends_with(" And 99980 more."));
}

TEST(user_list_test, comes_back_to_what_differed) {
  user_list base;
  change(base, "ann", {"on", "+ping"});
  change(base, "cat", {"on", "+echo"});
  auto x = base;
  change(x, "bob", {"on", ">pw", "(+ping &a)"});
  change(x, "guest", {"-ping"});
  x.erase("ann");
  auto kept = x.differences(base);
  EXPECT_EQ(kept.size(), 3u);
  EXPECT_TRUE(kept[2].starts_with("user ann off ")) << kept[2];
  user_list y;
  ASSERT_TRUE(y.restore(base, kept, "users"));
  EXPECT_EQ(y.differences(x), lines{"user ann off resetchannels -@all"});
  EXPECT_TRUE(x.differences(x).empty());
}

TEST(user_list_test, tells_what_is_new_and_who_is_gone) {
  user_list base;
  auto before = base;
  change(before, "cat", {"on"});
  auto x = before;
  EXPECT_EQ(x.additions_to(before, base), lines{});
  change(x, "ann", {"on"});
  change(x, "cat", {"off"});
  change(x, "zoe", {"+ping"});
  EXPECT_EQ(x.additions_to(before, base),
            (lines{"user ann on resetchannels -@all",
                   "user cat off resetchannels -@all",
                   "user zoe off resetchannels -@all +ping"}));
  for (auto name : {"ann", "cat", "zoe"}) {
    auto less = x;
    less.erase(name);
    EXPECT_EQ(less.additions_to(x, base),
              lines{"deluser " + std::string{name}});
  }
  change(base, "cat", {"on"}); // who would come back if nothing were said
  EXPECT_EQ(
    user_list{}.additions_to(x, base),
    (lines{"deluser ann", "user cat off resetchannels -@all", "deluser zoe"}));
}

TEST(user_list_test, keeps_users_that_are_there_before_and_after) {
  user_list base;
  auto x = base;
  change(x, "bob", {"on"});
  change(x, "dan", {"on"});
  auto bob = x.find("bob")->number();
  auto guest = x.find("guest");
  ASSERT_TRUE(x.restore(base, lines{"user bob off", "user eve on"}, "users"));
  EXPECT_EQ(x.find("bob")->number(), bob);
  EXPECT_FALSE(x.find("bob")->on());
  EXPECT_EQ(x.find("guest"), guest);
  EXPECT_EQ(x.find("dan"), nullptr);
  EXPECT_NE(x.find("eve")->number(), bob);
  auto before = x.lines();
  EXPECT_FALSE(x.restore(base, lines{"user bob +nosuch"}, "users"));
  EXPECT_EQ(x.lines(), before);
}

TEST(user_list_test, knows_an_owner_whom_no_list_can_stop) {
  EXPECT_EQ(owner()->name(), "default");
  EXPECT_EQ(owner()->rights(), resp::rights::all());
}

} // namespace
} // namespace saker::acl
