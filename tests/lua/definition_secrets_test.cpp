// Errors in definitions are logged, and told to those who control.
#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

namespace saker::lua {
namespace {

using namespace test;

TEST(definition_secrets_test, errors_about_keys_hold_none) {
  for (auto key :
       {R"(env = "DB_PASSWORD=s3cr3t")", R"(env = {"DB_PASSWORD=s3cr3t"})",
        R"(env = {["DB PASSWORD=s3cr3t"] = "x"})",
        R"(env = {DB_PASSWORD = {"s3cr3t"}})",
        R"(env = {DB_PASSWORD = "s3cr3t\0"})",
        R"(before = {"x", "--password=s3cr3t\0"})", R"(dir = "TOKEN=s3cr3t")",
        R"(inherit_env = {"API_KEY=s3cr3t"})",
        R"(on_failed = "ftp://ann:s3cr3t@h/")",
        R"(on_failed = "http://ann:s3cr3t@h/")"}) {
    auto text = error_of(key);
    EXPECT_NE(text, "") << key;
    EXPECT_EQ(text.find("s3cr3t"), text.npos) << text;
  }
}

TEST(definition_secrets_test, errors_of_the_language_hold_none) {
  for (auto text : {R"(service "a" {env = {PASSWORD = "x" "s3cr3t"}})",
                    "service \"a\" {env = {PASSWORD = \"s3cr3t\n}}",
                    R"(x = 's3cr3t' 's3cr3t')", R"(x = 1 [[s3cr3t]])",
                    R"(x = 1 [==[s3cr3t]==])"}) {
    auto all = errors(text);
    EXPECT_TRUE(all.starts_with("a.lua:1: ")) << all;
    EXPECT_TRUE(all.ends_with(" near a text\n")) << all;
    EXPECT_EQ(all.find("s3cr3t"), all.npos) << all;
  }
  EXPECT_EQ(errors("x = = 1"), "a.lua:1: unexpected symbol near '='\n");
}

} // namespace
} // namespace saker::lua
