#include "acl/user.hpp"

#include "acl/category.hpp"
#include "acl/check.hpp"
#include "acl/password.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace saker::acl {
namespace {

using words = std::vector<std::string_view>;

/// After all these rules; a complaint is a failure.
user some_user(const words& rules) {
  user x{"bob"};
  for (auto rule : rules)
    EXPECT_EQ(x.change(rule), "") << rule;
  return x;
}

/// Commands of scripts that are found by their names in that case only.
const alias_finder as_spelt = [](std::string_view x) { return x; };

std::string listed(const words& rules) {
  return some_user(rules).describe();
}

struct row {
  words rules;
  std::string_view text;
};

// Each of these was asked of redis-server 7.0.15.
const row listings[]{
  {{}, "off resetchannels -@all"},
  {{"on"}, "on resetchannels -@all"},
  {{"ON", "OFF", ""}, "off resetchannels -@all"},
  {{"nopass"}, "off nopass resetchannels -@all"},
  {{"NOPASS", "resetpass"}, "off resetchannels -@all"},
  {{"sanitize-payload"}, "off sanitize-payload resetchannels -@all"},
  {{"skip-sanitize-payload"}, "off skip-sanitize-payload resetchannels -@all"},
  {{"on", "+ping", "~x", "&y", "nopass", "reset"},
   "off sanitize-payload resetchannels -@all"},
  {{"+@all"}, "off resetchannels +@all"},
  {{"allcommands"}, "off resetchannels +@all"},
  {{"+@ALL", "nocommands"}, "off resetchannels -@all"},
  {{"+PING"}, "off resetchannels -@all +ping"},
  {{"+ping", "-ping"}, "off resetchannels -@all"},
  {{"+@all", "-ping", "+ping"}, "off resetchannels +@all"},
  {{"+@all", "-client|id"}, "off resetchannels +@all -client|id"},
  {{"+client", "-client|id", "+client"}, "off resetchannels -@all +client"},
  {{"+client|id", "-client"}, "off resetchannels -@all"},
  {{"+client|id", "+client"}, "off resetchannels -@all +client"},
  {{"+config", "-config|set"}, "off resetchannels -@all +config -config|set"},
  {{"+@PUBSUB"}, "off resetchannels -@all +@pubsub"},
  {{"+select|0"}, "off resetchannels -@all +select|0"},
  {{"+select|0", "+select|1", "+select|0"},
   "off resetchannels -@all +select|0 +select|1"},
  {{"+select|0", "+select"}, "off resetchannels -@all +select"},
  {{"+select", "+select|0"}, "off resetchannels -@all +select"},
  {{"+select|0", "-select"}, "off resetchannels -@all"},
  {{"+select|0", "+@all"}, "off resetchannels +@all"},
  {{"~x", "~x", "~y"}, "off ~x ~y resetchannels -@all"},
  {{"~"}, "off ~ resetchannels -@all"},
  {{"%RW~x"}, "off ~x resetchannels -@all"},
  {{"%wr~x"}, "off ~x resetchannels -@all"},
  {{"%R~x", "%W~y"}, "off %R~x %W~y resetchannels -@all"},
  {{"%R~x", "%W~x"}, "off ~x resetchannels -@all"},
  {{"%R"}, "off %R~ resetchannels -@all"},
  {{"~x", "~*"}, "off ~* resetchannels -@all"},
  {{"allkeys", "resetkeys"}, "off resetchannels -@all"},
  {{"&", "&a*", "&a*"}, "off resetchannels & &a* -@all"},
  {{"&a", "&*"}, "off &* -@all"},
  {{"allchannels", "resetchannels"}, "off resetchannels -@all"},
  {{"()"}, "off resetchannels -@all (resetchannels -@all)"},
  {{"(+@all &x %R~y)"},
   "off resetchannels -@all (%R~y resetchannels &x +@all)"},
  {{"(+ping)", "(+echo ~*)"},
   "off resetchannels -@all (resetchannels -@all +ping) "
   "(~* resetchannels -@all +echo)"},
  {{"(+ping)", "clearselectors"}, "off resetchannels -@all"},
};

TEST(user_test, is_listed_as_in_redis) {
  for (auto& x : listings) {
    SCOPED_TRACE(x.text);
    EXPECT_EQ(listed(x.rules), x.text);
  }
}

struct wrong {
  std::string_view rule;
  std::string_view complaint;
};

constexpr std::string_view unknown = "Unknown command or category name in ACL";
constexpr std::string_view syntax = "Syntax error";
constexpr std::string_view bad_hash
  = "The password hash must be exactly 64 characters and contain only "
    "lowercase hexadecimal characters";
constexpr std::string_view no_password
  = "The password you are trying to remove from the user does not exist";

// Each of these was asked of redis-server 7.0.15.
const wrong complaints[]{
  {"+foo", unknown},
  {"-foo", unknown},
  {"+@foo", unknown},
  {"-@foo", unknown},
  {"+", unknown},
  {"-", unknown},
  {"+@", unknown},
  {"+|x", unknown},
  {"-@all|x", unknown},
  {"+@all|x", unknown},
  {"-select|0", unknown},
  {"+select|0|1", unknown},
  {"+config|foo", unknown},
  {"-config|foo", unknown},
  {"-config|get|x", unknown},
  {"+@all -@dangerous", unknown},
  {"+config|get|x", "Allowing first-arg of a subcommand is not supported"},
  {"+acl|whoami|", "Allowing first-arg of a subcommand is not supported"},
  {"+select|", syntax},
  {"foo", syntax},
  {"%~x", syntax},
  {"%", syntax},
  {"%Q~x", syntax},
  {"%RR~x", syntax},
  {"~a b", syntax},
  {"&a b", syntax},
  {"x)", syntax},
  {"(on)", syntax},
  {"(>x)", syntax},
  {"(a(b)", syntax},
  {"(+foo)", unknown},
  {"#abc", bad_hash},
  {"!abc", bad_hash},
  {"#ABCDEF0000000000000000000000000000000000000000000000000000000000aa",
   bad_hash},
  {"<x", no_password},
  {"!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
   no_password},
};

TEST(user_test, has_no_endless_passwords) {
  auto one = some_user({"on"});
  EXPECT_EQ(one.change('>' + std::string(65536, 'x')), "");
  EXPECT_EQ(one.change('>' + std::string(65537, 'x')),
            "A password can have at most 65536 bytes");
  EXPECT_EQ(one.passwords().size(), 1u);
}

TEST(user_test, complains_as_redis_does_and_changes_nothing) {
  for (auto& x : complaints) {
    SCOPED_TRACE(x.rule);
    auto one = some_user({"on", ">pw", "~k", "&c", "+config|get", "(+ping)"});
    auto before = one.describe();
    EXPECT_EQ(one.change(x.rule), x.complaint);
    EXPECT_EQ(one.describe(), before);
  }
}

TEST(user_test, takes_nothing_beside_all) {
  auto x = some_user({"~*", "&*"});
  for (auto rule : {"~y", "%R~y"})
    EXPECT_EQ(x.change(rule),
              "Adding a pattern after the * pattern (or the 'allkeys' flag) is "
              "not valid and does not have any effect. Try 'resetkeys' to "
              "start with an empty list of patterns");
  EXPECT_EQ(x.change("&y"),
            "Adding a pattern after the * pattern (or the 'allchannels' flag) "
            "is not valid and does not have any effect. Try 'resetchannels' to "
            "start with an empty list of channels");
}

TEST(user_test, takes_nothing_that_its_line_could_not_hold) {
  user x{"bob"};
  for (auto rule : {"+call|a b", "(~a))", "(&a) +ping)"})
    EXPECT_EQ(x.change(rule), syntax) << rule;
  EXPECT_EQ(x.describe(), "off resetchannels -@all");
}

// -- passwords -----------------------------------------------------------------

TEST(user_test, has_several_passwords) {
  auto x = some_user({">one", ">two", ">one"});
  EXPECT_EQ(x.passwords().size(), 2u);
  EXPECT_TRUE(x.has_password(password_hash("one")));
  EXPECT_TRUE(x.has_password(password_hash("two")));
  EXPECT_FALSE(x.has_password(password_hash("three")));
  EXPECT_FALSE(x.has_password(""));
  EXPECT_EQ(x.change("<one"), "");
  EXPECT_FALSE(x.has_password(password_hash("one")));
  EXPECT_EQ(x.change("!" + password_hash("two")), "");
  EXPECT_TRUE(x.passwords().empty());
}

TEST(user_test, needs_its_password_again_when_it_gets_one) {
  auto x = some_user({">one", "nopass"});
  EXPECT_TRUE(x.open());
  EXPECT_TRUE(x.passwords().empty());
  EXPECT_EQ(x.change("#" + password_hash("one")), "");
  EXPECT_FALSE(x.open());
  EXPECT_TRUE(x.has_password(password_hash("one")));
}

// -- categories and rights -----------------------------------------------------

const resp::command_info& command(std::string_view name) {
  return *resp::find_full_name(name);
}

bool allows(const user& x, words call) {
  auto what = resp::find_command(call[0]);
  if (call.size() > 1 && !what->subcommands.empty())
    what = resp::find_subcommand(*what, call[1]);
  return check_call(x, *what, call).allowed();
}

TEST(category_test, lets_each_command_need_one_right_or_none) {
  for_each_command([](auto& what) {
    auto count = 0;
    for (auto name : {"basic", "status", "events", "control", "script"})
      count += find_category(name)->has(what) ? 1 : 0;
    count += what.right == resp::right::admin ? 1 : 0;
    EXPECT_EQ(count, 1) << what.name;
  });
}

TEST(category_test, holds_all_that_needs_the_right_to_administer) {
  for_each_command([](auto& what) {
    if (what.right == resp::right::admin) {
      EXPECT_TRUE(find_category("admin")->has(what)) << what.name;
    }
  });
}

TEST(category_test, gives_rights_and_takes_them) {
  using resp::right;
  EXPECT_EQ(some_user({}).rights(), resp::rights{});
  EXPECT_EQ(some_user({"+@all"}).rights(), resp::rights::all());
  EXPECT_EQ(some_user({"+@status", "+@events"}).rights(),
            (resp::rights{right::status, right::events}));
  EXPECT_EQ(some_user({"+@script"}).rights(), resp::rights{right::script});
  EXPECT_EQ(some_user({"+@admin", "(+@control)"}).rights(),
            (resp::rights{right::admin, right::control}));
  auto x = some_user({"+@all", "-@script", "-@control"});
  EXPECT_EQ(x.rights(),
            (resp::rights{right::status, right::events, right::admin}));
  EXPECT_EQ(x.describe(), "off resetchannels +@all -@script -@control");
}

TEST(category_test, gives_a_right_as_a_whole_only) {
  EXPECT_FALSE(
    some_user({"+@all", "-svstop"}).rights().has(resp::right::control));
  EXPECT_FALSE(some_user({"+svstop"}).rights().has(resp::right::control));
}

// -- checks --------------------------------------------------------------------

TEST(check_test, follows_commands_and_subcommands) {
  auto x = some_user({"+client", "-client|kill", "+config|get", "+select|0"});
  EXPECT_TRUE(allows(x, {"client", "id"}));
  EXPECT_FALSE(allows(x, {"client", "kill"}));
  EXPECT_TRUE(allows(x, {"config", "get", "x"}));
  EXPECT_FALSE(allows(x, {"config", "set", "x", "y"}));
  EXPECT_TRUE(allows(x, {"select", "0"}));
  EXPECT_FALSE(allows(x, {"select", "1"}));
  EXPECT_FALSE(allows(x, {"ping"}));
}

TEST(check_test, lets_everybody_say_who_he_is_and_leave) {
  user x{"bob"};
  for (auto name : {"auth", "hello", "quit", "reset"})
    EXPECT_TRUE(allows(x, {name})) << name;
}

TEST(check_test, follows_channels) {
  auto x = some_user({"+@pubsub", "&n*", "&b"});
  EXPECT_TRUE(allows(x, {"publish", "n1", "m"}));
  EXPECT_FALSE(allows(x, {"publish", "c", "m"}));
  EXPECT_FALSE(allows(x, {"spublish", "c", "m"}));
  EXPECT_TRUE(allows(x, {"subscribe", "n", "b", "nb"}));
  EXPECT_FALSE(allows(x, {"subscribe", "n", "c"}));
  EXPECT_FALSE(allows(x, {"ssubscribe", "c"}));
  EXPECT_TRUE(allows(x, {"psubscribe", "n*", "b"}));
  EXPECT_FALSE(allows(x, {"psubscribe", "n1*"})) << "not one of the globs";
  EXPECT_TRUE(allows(x, {"unsubscribe", "c"}));
  EXPECT_TRUE(allows(x, {"pubsub", "numsub", "c"}));
}

TEST(check_test, needs_one_selector_that_allows_all_of_it) {
  auto x = some_user({"+publish", "&a", "(+publish &b)", "(&c)"});
  EXPECT_TRUE(allows(x, {"publish", "a", "m"}));
  EXPECT_TRUE(allows(x, {"publish", "b", "m"}));
  EXPECT_FALSE(allows(x, {"publish", "c", "m"}));
  auto y = some_user({"+subscribe", "&a", "&b", "(+subscribe &b &c)"});
  EXPECT_TRUE(allows(y, {"subscribe", "b", "c"}));
  EXPECT_FALSE(allows(y, {"subscribe", "a", "c"}));
}

TEST(check_test, tells_the_most_precise_reason) {
  auto x = some_user({"+subscribe", "&a", "(+ping)"});
  const words call{"subscribe", "a", "b"};
  auto no = check_call(x, command("subscribe"), call);
  EXPECT_EQ(no.why, denial::channel);
  EXPECT_EQ(describe(no),
            "This user has no permissions to access the 'b' channel");
  EXPECT_EQ(refusal(no), "NOPERM this user has no permissions to access one of "
                         "the channels used as arguments");
  const words get{"config", "get", "x"};
  no = check_call(x, command("config|get"), get);
  EXPECT_EQ(describe(no), "This user has no permissions to run the "
                          "'config|get' command");
  EXPECT_EQ(refusal(no), "NOPERM this user has no permissions to run the "
                         "'config|get' command");
  EXPECT_EQ(describe({}), "OK");
}

TEST(check_test, allows_commands_of_scripts_by_right_or_by_name) {
  using resp::right;
  auto x = some_user({"+call", "+@status", "+@script"});
  EXPECT_TRUE(allows_alias(x, "greet", right::script, as_spelt));
  EXPECT_TRUE(allows_alias(x, "greet", right::status, as_spelt));
  EXPECT_FALSE(allows_alias(x, "greet", right::admin, as_spelt));
  EXPECT_FALSE(
    allows_alias(some_user({"+@script"}), "greet", right::script, as_spelt))
    << "may not use CALL";
  auto y = some_user({"+call|greet"});
  EXPECT_TRUE(allows_alias(y, "greet", right::admin, as_spelt));
  EXPECT_FALSE(allows_alias(y, "deploy", right::script, as_spelt));
  for (auto rules : {words{"+@basic", "+call|greet"},
                     words{"+call|greet", "+@basic", "+call"},
                     words{"+call", "+call|greet"}})
    EXPECT_TRUE(allows_alias(some_user(rules), "greet", right::admin, as_spelt))
      << listed(rules);
  for (auto rules : {words{"+call|greet", "-call", "+@basic"},
                     words{"+call|greet", "-@basic"}})
    EXPECT_FALSE(
      allows_alias(some_user(rules), "greet", right::admin, as_spelt))
      << listed(rules);
}

TEST(check_test, a_name_stands_for_the_command_that_it_would_run) {
  // Where there are `twin` and `Twin`, and `Other`.
  const alias_finder found = [](std::string_view x) -> std::string_view {
    if (x == "twin" || x == "Twin")
      return x;
    return x == "other" || x == "Other" ? "Other" : "";
  };
  auto may = [&](std::string_view rule, std::string_view name) {
    return allows_alias(some_user({rule}), name, resp::right::admin, found);
  };
  EXPECT_TRUE(may("+call|twin", "twin"));
  EXPECT_FALSE(may("+call|twin", "Twin"));
  EXPECT_TRUE(may("+call|Twin", "Twin"));
  EXPECT_TRUE(may("+call|other", "Other"));
  EXPECT_FALSE(may("+call|gone", "Other"));
}

TEST(check_test, follows_services) {
  auto x = some_user({"+@status", "~service:web*", "%R~service:db", "~other"});
  auto reach = services_with(x, resp::right::status);
  EXPECT_TRUE(may_change(reach, {"n1", "web1"}));
  EXPECT_TRUE(may_look(reach, {"n1", "db"}));
  EXPECT_FALSE(may_change(reach, {"n1", "db"}));
  EXPECT_FALSE(may_look(reach, {"n1", "other"}));
  EXPECT_EQ(changeable(reach), "web*");
  EXPECT_EQ(services_with(some_user({"~*", "+@status"}), resp::right::status),
            nullptr);
}

// -- any rules -----------------------------------------------------------------

/// What a user may do, however it is written down.
std::string abilities(const user& x) {
  std::string text;
  for (auto& by : x.selectors()) {
    for_each_command([&](auto& what) {
      text += by.commands().allows(what.id) ? '+' : '-';
      for (auto argument : {"0", "Abc"}) {
        const words call{what.name, argument};
        text += by.commands().allows_argument(what, call) ? '1' : '0';
      }
    });
    text += by.keys() + '/' + by.channels() + ';';
  }
  return text + std::to_string(x.rights().bits());
}

class any_rules {
public:
  explicit any_rules(unsigned seed) : random_(seed) {
    for_each_command([this](auto& what) { names_.emplace_back(what.name); });
    for (auto& x : categories())
      names_.push_back('@' + std::string{x.name});
    names_.insert(names_.end(), {"@all", "select|0", "call|Abc", "echo|x"});
  }

  std::string next() {
    static const char* const others[]{
      "on", "off",   "~a*", "%R~b",      "allkeys",       "resetkeys",
      "&c", "&d*",   "&*",  ">p",        "resetchannels", "nopass",
      "<p", "reset", "~*",  "resetpass", "clearselectors"};
    switch (random_() % 8) {
      case 0: return others[random_() % std::size(others)];
      case 1: return '(' + command() + " ~k " + command() + " &z)";
      default: return command();
    }
  }

private:
  std::string command() {
    return (random_() % 2 ? '+' : '-') + names_[random_() % names_.size()];
  }

  std::mt19937 random_;
  std::vector<std::string> names_;
};

TEST(user_test, can_be_made_again_from_its_line) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    any_rules rules{seed};
    user x{"bob"};
    for (auto i = 0; i < 40; ++i)
      x.change(rules.next());
    user y{"bob"};
    auto text = x.describe();
    for (std::size_t at = 0; at < text.size();) {
      auto end = text.find(text[at] == '(' ? ')' : ' ', at);
      end = end == text.npos ? text.size() : end + (text[at] == '(' ? 1 : 0);
      EXPECT_EQ(y.change(text.substr(at, end - at)), "") << text;
      at = end + 1;
    }
    EXPECT_EQ(y.describe(), text);
    EXPECT_EQ(abilities(y), abilities(x)) << text;
  }
}

} // namespace
} // namespace saker::acl
