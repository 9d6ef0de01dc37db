#include "supervision/json_secrets.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

TEST(json_secrets_test, values_of_secret_names_are_hidden) {
  const std::pair<const char*, const char*> cases[]{
    {R"({"password":"x"})", R"({"password":"***"})"},
    {R"({ "a" : 1, "DbPassword" :  "x y" , "b":2})",
     R"({ "a" : 1, "DbPassword" :  "***" , "b":2})"},
    {R"({"token":12345,"secret":true})", R"({"token":***,"secret":***})"},
    {R"([{"pass":"a"},{"pass":"b"}])", R"([{"pass":"***"},{"pass":"***"}])"},
    {R"({"keys":["a",{"b":"]"}],"c":1})", R"({"keys":***,"c":1})"},
    {R"({"secrets":{"db":"x","n":{}},"c":[1]})", R"({"secrets":***,"c":[1]})"},
    {R"({"a":{"b":{"api_key":"x"}}})", R"({"a":{"b":{"api_key":"***"}}})"},
    {"{'password': 'x', 'a': 'b'}", "{'password': '***', 'a': 'b'}"},
    {"{\"password\"\n:\n\"x\"}", "{\"password\"\n:\n\"***\"}"},
  };
  for (auto [text, shown] : cases)
    EXPECT_EQ(without_json_secrets(text), shown);
}

TEST(json_secrets_test, quotes_within_a_value_do_not_end_it) {
  const std::pair<const char*, const char*> cases[]{
    {R"({"pass":"a\"b","c":1})", R"({"pass":"***","c":1})"},
    {R"({"pass":"a\\","c":1})", R"({"pass":"***","c":1})"},
    {R"({"pass":"a\\\"b","c":1})", R"({"pass":"***","c":1})"},
    {R"({"pass":"it's","c":1})", R"({"pass":"***","c":1})"},
    {R"({"keys":["]\"]",1],"c":1})", R"({"keys":***,"c":1})"},
  };
  for (auto [text, shown] : cases)
    EXPECT_EQ(without_json_secrets(text), shown);
}

TEST(json_secrets_test, json_may_be_a_string_itself) {
  const std::pair<const char*, const char*> cases[]{
    {R"("{\"password\":\"x\",\"a\":1}")",
     R"("{\"password\":\"***\",\"a\":1}")"},
    {R"("{\"pass\":\"a\\\"b\",\"a\":1}")", R"("{\"pass\":\"***\",\"a\":1}")"},
    {R"("{\"pass\":\"a\\\\\",\"a\":1}")", R"("{\"pass\":\"***\",\"a\":1}")"},
    {R"("{\"pass\":\"x" y)", R"("{\"pass\":\"***" y)"},
    {R"("{\"keys\":[\"]\"],\"a\":1}")", R"("{\"keys\":***,\"a\":1}")"},
    {R"(don't {"pass":"x"})", R"(don't {"pass":"***"})"},
  };
  for (auto [text, shown] : cases)
    EXPECT_EQ(without_json_secrets(text), shown);
}

TEST(json_secrets_test, what_is_cut_off_is_hidden_to_its_end) {
  const std::string whole = R"({"a":1,"password":"s3cr3t","keys":["s3cr3t"]})";
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    auto shown = without_json_secrets(whole.substr(0, n));
    EXPECT_EQ(shown.find("s3"), shown.npos) << shown;
  }
  EXPECT_EQ(without_json_secrets(R"({"pass":"ab... (9 more bytes))"),
            R"({"pass":"***)");
}

TEST(json_secrets_test, all_else_stays) {
  for (auto text :
       {"", ":", "\":", "\"\":\"\"", "a:b", R"({"user":"ann","a":{"b":[1,2]}})",
        R"({"password":""})", R"({"password":)", "http://h:80/", "10:20:30",
        "password: x", R"(echo "token" : )"})
    EXPECT_EQ(without_json_secrets(text), text);
}

TEST(json_secrets_test, long_texts_take_no_long_time) {
  const std::string many(1'000'000, '\\');
  for (auto& end : {many, std::string(1'000'000, '['),
                    std::string(1'000'000, '"'), std::string(1'000'000, ':')})
    EXPECT_EQ(without_json_secrets("{\"keys\":[" + end), "{\"keys\":***");
  EXPECT_EQ(without_json_secrets(many + "\":"), many + "\":");
}

} // namespace
} // namespace saker::supervision
