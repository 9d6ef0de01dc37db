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

std::string
unreached(const std::vector<std::string>& rules, const call_text& words) {
  auto who = reaching(rules);
  return unreached_service(who, *resp::find_command(words[0]), words);
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

struct unreached_row {
  call_text call;
  std::string_view unreached;
};

const unreached_row of_those_who_may_some[]{
  {{"svstop", "web"}, ""},
  {{"svstop", "web", "db"}, "service:db"},
  {{"svstop", "*"}, "service:*"},
  {{"svstop", "web", "WAIT", "100"}, ""},
  {{"svstop", "web", "seen"}, "service:seen"},
  {{"svrestart", "web", "db", "rolling", "1"}, "service:db"},
  {{"svsignal", "HUP", "web", "db:1"}, "service:db:1"},
  {{"svsignal", "db", "web"}, ""},
  {{"svscale", "web", "2"}, ""},
  {{"svscale", "one", "2"}, "service:one"},
  {{"svrun", "db", "web"}, "service:db"},
  {{"svlog", "seen"}, "service:seen"},
  {{"svgstop", "front"}, ""},
  {{"svgstop", "front", "back"}, "service:%back"},
  {{"svapply"}, "service:*"},
  {{"svplan", "a.lua"}, "service:*"},
  {{"svstatus"}, ""},
  {{"svstatus", "*", "web", "seen", "TEXT"}, ""},
  {{"svstatus", "db"}, "service:db"},
  {{"svwait", "db", "running", "5"}, "service:db"},
  {{"svgstatus", "back"}, ""},
  {{"sysinfo", "db"}, ""},
  {{"svstop", ":"}, ""},
};

TEST(service_calls_test, calls_name_what_cannot_be_reached) {
  const std::vector<std::string> some{"+@all", "~service:web", "~service:one:0",
                                      "%R~service:seen", "~service:%front"};
  for (auto& [call, expected] : of_those_who_may_some) {
    std::string shown;
    for (auto word : call)
      shown += std::string{word} + ' ';
    EXPECT_EQ(unreached(some, call), expected) << shown;
    EXPECT_EQ(unreached({"+@all", "~*"}, call), "") << shown;
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
