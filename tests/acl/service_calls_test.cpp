#include "acl/service_calls.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::acl {
namespace {

using call_text = std::vector<std::string_view>;

user reaching(const std::vector<std::string>& rules) {
  user x{"ann"};
  for (auto& rule : rules)
    EXPECT_EQ(x.change(rule), "") << rule;
  return x;
}

/// What the rules do not say themselves; the mask, or all there are.
std::string
unsure(const std::vector<std::string>& rules, const call_text& words) {
  auto who = reaching(rules);
  auto& what = *resp::find_command(words[0]);
  auto reach = services_of(who, what, words);
  auto call = services_in(what, words);
  if (reach && call.all)
    return "all";
  std::string text;
  for (auto& x : not_surely_reached(reach, call))
    text += (text.empty() ? "" : " ") + x;
  return text;
}

bool covers(std::string_view rule, std::string_view asked) {
  return parse_service_mask(rule, true, true)
    ->covers(*parse_service_mask(asked, true, true));
}

TEST(service_calls_test, masks_cover_what_their_text_says) {
  for (auto [rule, asked] :
       std::vector<std::pair<const char*, const char*>>{{"web", "web"},
                                                        {"web", "web:1"},
                                                        {"web", "web@n2"},
                                                        {"w*", "web"},
                                                        {"w*", "we*"},
                                                        {"w?b*", "w?b*"},
                                                        {"*", "*"},
                                                        {"*", "%front"},
                                                        {"web:1", "web:1"},
                                                        {"web:[01]", "web:1"},
                                                        {"web@n*", "web@n1"},
                                                        {"web@*", "web"},
                                                        {"%front", "%front"},
                                                        {"%f*", "%front"}})
    EXPECT_TRUE(covers(rule, asked)) << rule << ' ' << asked;
  for (auto [rule, asked] :
       std::vector<std::pair<const char*, const char*>>{{"web", "db"},
                                                        {"web", "w*"},
                                                        {"web", "*"},
                                                        {"we*", "w*"},
                                                        {"w?b", "w*"},
                                                        {"web:1", "web"},
                                                        {"web:1", "web:*"},
                                                        {"web@n1", "web"},
                                                        {"web@n1", "web@*"},
                                                        {"%front", "web"},
                                                        {"%front", "%back"},
                                                        {"w*", "%front"},
                                                        {"%f", "%f*"}})
    EXPECT_FALSE(covers(rule, asked)) << rule << ' ' << asked;
}

struct unsure_row {
  call_text call;
  std::string_view masks;
};

const unsure_row of_those_who_may_some[]{
  {{"svstop", "web"}, ""},
  {{"svstop", "web", "db", "web:1", "mail:*"}, "db mail:*"},
  {{"svstop", "*"}, "*"},
  {{"svstop", "web", "WAIT", "100"}, ""},
  {{"svstop", "web", "seen"}, "seen"},
  {{"svrestart", "web", "db", "rolling", "1"}, "db"},
  {{"svsignal", "HUP", "web", "db:1"}, "db:1"},
  {{"svsignal", "db", "web"}, ""},
  {{"svscale", "web", "2"}, ""},
  {{"svscale", "one", "2"}, "one"},
  {{"svrun", "db", "web"}, "db"},
  {{"svlog", "seen"}, "seen"},
  {{"svgstop", "front"}, ""},
  {{"svgstop", "%front"}, ""},
  {{"svgstop", "front", "back", "%side", "WAIT", "5"}, "%back %side"},
  {{"svapply"}, "all"},
  {{"svplan", "a.lua"}, "all"},
  {{"svstatus"}, ""},
  {{"svstatus", "*", "web", "seen", "TEXT"}, ""},
  {{"svstatus", "db"}, "db"},
  {{"svwait", "db", "running", "5"}, "db"},
  {{"svgstatus", "back"}, ""},
  {{"sysinfo", "db"}, ""},
  {{"svstop", ":"}, ""},
};

TEST(service_calls_test, rules_say_in_text_what_is_surely_reached) {
  const std::vector<std::string> some{"+@all", "~service:web", "~service:one:0",
                                      "%R~service:seen", "~service:%front"};
  for (auto& [call, expected] : of_those_who_may_some) {
    std::string shown;
    for (auto word : call)
      shown += std::string{word} + ' ';
    EXPECT_EQ(unsure(some, call), expected) << shown;
    EXPECT_EQ(unsure({"+@all", "~*"}, call), "") << shown;
  }
  EXPECT_EQ(describe_unreached("service:web"),
            "This user has no permissions to access the 'service:web' service");
}

TEST(service_calls_test, refusals_can_be_read_again) {
  auto reach = std::make_shared<const service_masks>(
    service_masks{*parse_service_mask("web*", true, true)});
  auto text = service_refusal("db:0", reach);
  EXPECT_EQ(text, "this user has no permissions to control db:0, so nothing "
                  "was done; it may control web*");
  auto read = [](const std::string& reply) {
    auto x = refused_by_others(reply);
    return x ? std::string{x->reason} + ' ' + x->object : "nothing";
  };
  EXPECT_EQ(read("NOPERM " + text), "key service:db:0");
  EXPECT_EQ(read("NOPERM " + definitions_refusal(reach)), "key service:*");
  EXPECT_EQ(read(refusal({denial::command, "deploy"})), "command deploy");
  EXPECT_EQ(read(text), "nothing");
  EXPECT_EQ(read("NOPERM this user"), "nothing");
  EXPECT_EQ(read("NOSERVICE no service"), "nothing");
  EXPECT_EQ(read(""), "nothing");
}

} // namespace
} // namespace saker::acl
