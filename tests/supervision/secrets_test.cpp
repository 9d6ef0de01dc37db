#include "supervision/secrets.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using texts = std::vector<std::string>;

TEST(secrets_test, a_name_with_one_of_four_words_is_secret) {
  for (auto x : {"PASS", "DB_PASSWORD", "api_token", "--secret-file", "sshKey"})
    EXPECT_TRUE(is_secret_name(x)) << x;
  for (auto x : {"", "PATH", "USER", "PAS", "--port"})
    EXPECT_FALSE(is_secret_name(x)) << x;
}

TEST(secrets_test, arguments_lose_the_values_of_secret_names) {
  EXPECT_EQ(without_secrets(texts{"env", "DB_PASS=a=b", "run", "--token=x",
                                  "--password", "hunter2", "-v"}),
            (texts{"env", "DB_PASS=***", "run", "--token=***", "--password",
                   "***", "-v"}));
}

TEST(secrets_test, what_is_not_the_value_of_a_secret_stays) {
  texts all{"run", "--password", "--verbose", "a=token",
            "key", "-x",         "y",         "--pass"};
  EXPECT_EQ(without_secrets(all), all);
}

TEST(secrets_test, a_shell_text_keeps_all_but_the_values) {
  EXPECT_EQ(without_secrets("PASS=a\\ b TOKEN='x y' run --key \"p q\";ls  -l"),
            "PASS=*** b TOKEN=*** run --key ***;ls  -l");
  EXPECT_EQ(without_secrets(" a && SECRET=\"no end"), " a && SECRET=***");
  EXPECT_EQ(without_secrets(""), "");
}

TEST(secrets_test, words_that_are_texts_for_a_shell_lose_them_too) {
  EXPECT_EQ(without_secrets(texts{"sh", "-c", "A=1 DB_PASS=x run --token y"}),
            (texts{"sh", "-c", "A=1 DB_PASS=*** run --token ***"}));
  EXPECT_EQ(without_secrets(texts{"run", "--password", "my dog", "a b"}),
            (texts{"run", "--password", "***", "a b"}));
}

TEST(secrets_test, words_of_json_lose_them_too) {
  EXPECT_EQ(
    without_secrets(texts{"run", R"({"password":"x","a":1})",
                          R"(--with={"token":"y"})",
                          R"({"key": "a b", "url": "r://u:p@h"})"}),
    (texts{"run", R"({"password":"***","a":1})", R"(--with={"token":"***"})",
           R"({"key": "***", "url": "r://u:***@h"})"}));
  EXPECT_EQ(without_secrets(R"(curl -d '{"password": "a b"}' h; A_KEY=x)"),
            R"(curl -d '{"password": "***"}' h; A_KEY=***)");
}

TEST(secrets_test, urls_lose_their_passwords) {
  const std::pair<const char*, const char*> cases[]{
    {"redis://ann:pw@h:1/0", "redis://ann:***@h:1/0"},
    {"a=redis://:pw@h postgres://b:p@w@h/d", "a=redis://:***@h "
                                             "postgres://b:***@h/d"},
    {"redis://ann:p/w@h", "redis://ann:***@h"},
    {"http://h:8080/x@y", "http://h:8080/x@y"},
    {"http://ann@h/", "http://ann@h/"},
    {"http://[::1]:80/", "http://[::1]:80/"},
    {"http://h:$PORT/ '://", "http://h:$PORT/ '://"},
    {"redis://u:pw... (9 more bytes)", "redis://u:***... (9 more bytes)"},
    {"", ""},
  };
  for (auto [text, shown] : cases)
    EXPECT_EQ(without_url_passwords(text), shown);
  EXPECT_EQ(without_secrets("run redis://ann:pw@h;ls"),
            "run redis://ann:***@h;ls");
}

} // namespace
} // namespace saker::supervision
