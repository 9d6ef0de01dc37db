#include "supervision/env_file.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using variables = std::map<std::string, std::string>;

/// The value of A.
std::string value(const std::string& text) {
  auto all = parse_env_file("A=" + text);
  if (!all)
    return "error " + all.error().detail;
  return all->contains("A") ? all->at("A") : "none";
}

std::string error(std::string_view text) {
  auto all = parse_env_file(text);
  return all ? "no error" : all.error().detail;
}

TEST(env_file_test, lines_are_names_and_values) {
  EXPECT_EQ(*parse_env_file("A=1\nB_2=x y\n\nC=\n"),
            (variables{{"A", "1"}, {"B_2", "x y"}, {"C", ""}}));
  EXPECT_EQ(*parse_env_file(""), variables{});
  EXPECT_EQ(*parse_env_file("A=1\nA=2"), (variables{{"A", "2"}}));
}

TEST(env_file_test, comments_and_blanks_do_not_count) {
  EXPECT_EQ(*parse_env_file("# A=1\n  ; B=2\n \t C = 3 \t\r\nD=4 # 5"),
            (variables{{"C", "3"}, {"D", "4 # 5"}}));
}

TEST(env_file_test, quotes_keep_what_is_in_them) {
  EXPECT_EQ(value("\" x \""), " x ");
  EXPECT_EQ(value("' x '"), " x ");
  EXPECT_EQ(value("'a\\nb'"), "a\\nb");
  EXPECT_EQ(value("\"a\nb\""), "a\nb");
  EXPECT_EQ(value("'a\nb'"), "a\nb");
  EXPECT_EQ(value("\"a\"'b' c"), "abc");
  EXPECT_EQ(value("\"a\"   "), "a");
  EXPECT_EQ(value("a\"b\""), "a\"b\""); // only at the begin
  EXPECT_EQ(value("it's"), "it's");
}

TEST(env_file_test, a_backslash_takes_the_next_character_as_it_is) {
  EXPECT_EQ(value("a\\ "), "a ");
  EXPECT_EQ(value("\\\"a"), "\"a");
  EXPECT_EQ(value("a\\\nb"), "ab");
  EXPECT_EQ(value("\"\\\"\\\\\\$\\`\""), "\"\\$`");
  EXPECT_EQ(value("\"a\\nb\""), "a\\nb");
  EXPECT_EQ(value("\"a\\\nb\""), "ab");
  EXPECT_EQ(value("a\\"), "a");
}

TEST(env_file_test, nothing_is_expanded) {
  EXPECT_EQ(value("$HOME/${X}`id`"), "$HOME/${X}`id`");
}

TEST(env_file_test, what_is_no_variable_is_told_with_its_line) {
  auto bad_name = [](int line) {
    return std::to_string(line)
           + ": what is before \"=\" is not the name of a variable";
  };
  EXPECT_EQ(error("A=1\nB\n"), "2: it is not NAME=value");
  EXPECT_EQ(error("B"), "1: it is not NAME=value");
  EXPECT_EQ(error("A='\n\n'\n2=1"), bad_name(4));
  EXPECT_EQ(error("=1"), bad_name(1));
  EXPECT_EQ(error("A B=1"), bad_name(1));
  EXPECT_EQ(error("export A=1"), "1: leave out \"export\"");
  EXPECT_EQ(error("A=1\nB='x\n\n"), "2: a quote is not closed");
  EXPECT_EQ(error(std::string_view{"A=x\0y", 5}),
            "1: the value contains a zero byte");
}

/// It may be a key, or a file that whoever applies must not read.
TEST(env_file_test, errors_quote_nothing_of_the_file) {
  constexpr std::string_view files[] = {
    "root:$6$secret:19000:0:99999:7:::\n",
    "A=1\n-----BEGIN secret KEY-----\nMIIEsecret==\n",
    "secret key=1\n",
    "export secret=1\n",
    "A='secret\n",
  };
  for (auto file : files)
    EXPECT_EQ(error(file).find("secret"), std::string::npos) << error(file);
}

} // namespace
} // namespace saker::supervision
