#include "base/text.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(text_test, a_line_in_ascii_keeps_tabs_and_quotes) {
  EXPECT_EQ(ascii_line("a\t\"\\ z~"), "a\t\"\\ z~");
  EXPECT_EQ(ascii_line(std::string_view{"\0\x1f\x7f\xc3\xa4\n", 6}),
            "\\x00\\x1f\\x7f\\xc3\\xa4\\x0a");
}

TEST(text_test, compares_names_without_regard_to_case) {
  EXPECT_TRUE(equal_ignoring_case("PubLish", "pUBLISH"));
  EXPECT_FALSE(equal_ignoring_case("publish", "publis"));
  EXPECT_EQ(to_upper("svstart-1"), "SVSTART-1");
  EXPECT_EQ(to_lower("SVSTART-1"), "svstart-1");
}

TEST(text_test, escapes_what_a_terminal_would_obey) {
  EXPECT_EQ(printable("a\x1b[31m\n\"\xff"), "a\\x1b[31m\\n\\\"\\xff");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(text_test, keeps_errors_on_one_line) {
  EXPECT_EQ(one_line("a\r\nb"), "a  b");
}

TEST(text_test, splits_and_keeps_empty_pieces) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(text_test, trims_blanks_at_both_ends_only) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
}

TEST(text_test, reads_whole_decimal_numbers_only) {
  EXPECT_EQ(parse_integer("-42"), -42);
  EXPECT_EQ(parse_integer("42x"), std::nullopt);
  EXPECT_EQ(parse_integer(""), std::nullopt);
  EXPECT_EQ(parse_integer("99999999999999999999"), std::nullopt);
}

TEST(text_test, finds_the_word_that_was_meant) {
  std::vector<std::string> known{"autostart", "backoff", "budget", "exec"};
  EXPECT_EQ(did_you_mean("autostrat", known), " (did you mean \"autostart\"?)");
  EXPECT_EQ(did_you_mean("exce", known), " (did you mean \"exec\"?)");
  EXPECT_EQ(did_you_mean("zzz", known), "");
}

TEST(text_test, does_not_guess_when_every_letter_differs) {
  EXPECT_TRUE(near_matches("a", {"b"}).empty());
}

} // namespace
} // namespace saker
