#include "base/log_line.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(log_line_test, shows_what_a_terminal_would_obey) {
  EXPECT_EQ(log_line("a\x1b]0;title\x07"), "a\\x1b]0;title\\x07");
  EXPECT_EQ(log_line(std::string_view{"\0\x7f", 2}), "\\x00\\x7f");
  EXPECT_EQ(log_line("\xc2\x9b"
                     "31m\xc2"),
            "\\xc2\\x9b31m\xc2");
}

TEST(log_line_test, keeps_texts_as_they_are) {
  EXPECT_EQ(log_line("\t\"ä\" \\ …"), "\t\"ä\" \\ …");
  EXPECT_EQ(log_line("a\r\nb"), "a  b");
}

TEST(log_line_test, cuts_at_a_character) {
  EXPECT_EQ(log_line("abc", 3), "abc");
  EXPECT_EQ(log_line("abcd", 3), "abc…");
  EXPECT_EQ(log_line("abää", 3), "ab…");
  EXPECT_EQ(log_line(std::string(1'000'000, 'x')).size(), 16u * 1024 + 3);
}

TEST(log_line_test, dots_are_dots_in_ascii) {
  EXPECT_EQ(ascii_text("a…\t\"b\"… ä"), "a...\t\"b\"... \\xc3\\xa4");
}

} // namespace
} // namespace saker
