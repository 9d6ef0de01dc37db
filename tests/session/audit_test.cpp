// What is told of which command, and in which words.
#include "session/audit.hpp"

#include "acl/category.hpp"
#include "session/shown_command.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using audited_words = std::vector<std::string_view>;
using texts = std::vector<std::string>;

audit_kind kind_of_call(const audited_words& args) {
  auto what = resp::find_command(args[0]);
  auto part = args.size() > 1 ? resp::find_subcommand(*what, args[1]) : nullptr;
  return audit_kind_of(part ? *part : *what, args);
}

texts commands_of(audit_kind kind) {
  texts all;
  acl::for_each_command([&](const resp::command_info& x) {
    if (audit_kind_of(x, {}) == kind)
      all.emplace_back(x.name);
  });
  return all;
}

// Whoever adds a command decides here what it is. Without a decision it counts
// as a change if it needs `control` or `admin`.
TEST(audit_test, changes_are_these) {
  EXPECT_EQ(
    commands_of(audit_kind::change),
    (texts{
      "acl|deluser",      "acl|load",       "acl|save",       "acl|setuser",
      "client|kill",      "client|pause",   "client|unblock", "client|unpause",
      "config|resetstat", "config|rewrite", "config|set",     "debug",
      "latency|reset",    "load",           "monitor",        "node|forget",
      "script|flush",     "shutdown",       "slowlog|reset",  "svapply",
      "svcont",           "svdisable",      "svdrop",         "svenable",
      "svgrestart",       "svgstart",       "svgstop",        "svpause",
      "svreload",         "svreset",        "svrestart",      "svrun",
      "svscale",          "svsignal",       "svstart",        "svstop",
      "svtryrestart",     "unload"}));
}

TEST(audit_test, these_look_at_what_not_everybody_may_see) {
  EXPECT_EQ(commands_of(audit_kind::look),
            (texts{"acl|dryrun", "acl|getuser", "acl|list", "acl|log",
                   "acl|users", "config|get", "script|exists", "slowlog|get",
                   "slowlog|len", "svaudit", "svlog", "svplan"}));
}

// They need neither `control` nor `admin`. None of them may change what others
// get: if one does, it needs another right.
TEST(audit_test, of_all_others_nobody_need_know) {
  EXPECT_EQ(commands_of(audit_kind::none).size(), 119u);
  for (auto name :
       {"ping", "echo", "publish", "spublish", "subscribe", "svstatus",
        "svwait", "info", "client|list", "exec", "auth", "hello", "call"})
    EXPECT_EQ(audit_kind_of(*resp::find_full_name(name), {}), audit_kind::none)
      << name;
}

TEST(audit_test, some_change_only_with_a_word) {
  EXPECT_EQ(kind_of_call({"SVLOG", "web"}), audit_kind::look);
  EXPECT_EQ(kind_of_call({"SVLOG", "web", "COUNT", "5"}), audit_kind::look);
  EXPECT_EQ(kind_of_call({"SVLOG", "web", "rotate"}), audit_kind::change);
  EXPECT_EQ(kind_of_call({"SVLOG", "web", "CLEAR"}), audit_kind::change);
  EXPECT_EQ(kind_of_call({"ACL", "LOG"}), audit_kind::look);
  EXPECT_EQ(kind_of_call({"ACL", "LOG", "10"}), audit_kind::look);
  EXPECT_EQ(kind_of_call({"ACL", "LOG", "reset"}), audit_kind::change);
}

TEST(audit_test, commands_of_scripts_are_known_by_their_right) {
  using resp::right;
  EXPECT_EQ(audit_kind_of(right::admin), audit_kind::change);
  EXPECT_EQ(audit_kind_of(right::control), audit_kind::change);
  EXPECT_EQ(audit_kind_of(right::script), audit_kind::script);
  for (auto x : {right::none, right::status, right::events})
    EXPECT_EQ(audit_kind_of(x), audit_kind::none);
}

// -- how it ended ----------------------------------------------------------------

TEST(audit_test, an_error_tells_its_first_word) {
  using enum audit_outcome;
  auto of = [](std::string text) {
    return result_of("svstop", resp::error{std::move(text)});
  };
  EXPECT_EQ(of("NOSERVICE no \"x\""), (audit_result{failed, "NOSERVICE"}));
  EXPECT_EQ(of("ERR\r\n"), (audit_result{failed, "ERR"}));
  EXPECT_EQ(of("NOPERM not db"), (audit_result{refused, "NOPERM"}));
  EXPECT_EQ(of("NOAUTH x"), (audit_result{refused, "NOAUTH"}));
  EXPECT_EQ(of("WRONGPASS x"), (audit_result{refused, "WRONGPASS"}));
  EXPECT_LE(of(std::string(10'000, 'x')).error.size(), 40u);
}

TEST(audit_test, one_row_that_failed_makes_it_fail) {
  using enum audit_outcome;
  auto row = [](int code) {
    return resp::map{}.add("name", "web").add("code", code).add("desc", "");
  };
  auto of = [&](int code) {
    return result_of("SVSTOP", resp::array{{row(0), row(code), row(0)}});
  };
  EXPECT_EQ(of(0), audit_result{});
  EXPECT_EQ(of(1), (audit_result{failed, "FAILED"}));
  EXPECT_EQ(of(2), (audit_result{failed, "TIMEOUT"}));
  EXPECT_EQ(of(3), (audit_result{failed, "REFUSED"}));
  EXPECT_EQ(result_of("svstop", resp::array{}), audit_result{});
  EXPECT_EQ(result_of("svapply", resp::ok()), audit_result{});
  EXPECT_EQ(result_of("deploy", resp::array{{row(1)}}), audit_result{})
    << "a script has rows of its own";
}

// -- its words -------------------------------------------------------------------

audit_entry described(const audited_words& args) {
  audit_entry x;
  auto what = resp::find_command(args[0]);
  auto part = what && args.size() > 1 ? resp::find_subcommand(*what, args[1])
                                      : nullptr;
  describe_call(x, part ? part : what, args);
  return x;
}

TEST(audit_test, names_the_services_of_a_command) {
  auto x = described({"SvStop", "web*", "db@n2", "%front", "WAIT", "5"});
  EXPECT_EQ(x.command, "svstop");
  EXPECT_EQ(x.args, (texts{"web*", "db@n2", "%front", "WAIT", "5"}));
  EXPECT_EQ(x.services, (texts{"web*", "db@n2", "%front"}));
  EXPECT_EQ(described({"SVSIGNAL", "HUP", "web"}).services, texts{"web"});
  EXPECT_EQ(described({"SVSCALE", "web", "3"}).services, texts{"web"});
  EXPECT_EQ(described({"SVGSTOP", "front", "WAIT", "5"}).services,
            texts{"%front"});
  EXPECT_EQ(described({"SVRUN", "job", "sleep", "1"}).services, texts{"job"});
  for (audited_words none :
       {audited_words{"SVAPPLY", "a.lua"},
        audited_words{"CALL", "deploy", "web"}, audited_words{"deploy", "web"},
        audited_words{"SVSTOP"}})
    EXPECT_EQ(described(none).services, texts{}) << none[0];
}

TEST(audit_test, hides_secrets_and_bounds_the_words) {
  EXPECT_EQ(described({"CONFIG", "SET", "requirepass", "s3cr3t"}).args,
            (texts{"requirepass", std::string{redacted}}));
  EXPECT_EQ(described({"CONFIG", "SET", "a", "b"}).command, "config|set");
  EXPECT_EQ(described({"ACL", "SETUSER", "eve", "on", ">s3cr3t"}).args,
            (texts{"eve", std::string{redacted}, std::string{redacted}}));
  EXPECT_EQ(described({"ACL", "SETUSER", ">s3cr3t", "on"}).args,
            (texts{std::string{redacted}, std::string{redacted}}));
  EXPECT_EQ(described({"ACL", "SETUSER"}).args, texts{});
  // Nor where somebody mistakes an option for a service.
  auto x = described({"SVSTOP", "--password", "s3cr3t"});
  for (auto& all : {x.args, x.services})
    for (auto& word : all)
      EXPECT_EQ(word.find("s3cr3t"), word.npos);
  audited_words many{"SVSTOP"};
  const std::string longest(1'000, 'x');
  many.resize(100, longest);
  x = described(many);
  EXPECT_EQ(x.args.size(), 31u);
  EXPECT_EQ(x.services.size(), 30u) << "not what tells how many are missing";
  for (auto& word : x.args)
    EXPECT_LE(word.size(), 160u);
}

} // namespace
} // namespace saker::session
