#include "cli/printed_text.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

TEST(printed_text_test, leaves_utf8_as_it_is) {
  for (auto x : {"", "plain", "größer – 日本 🚀", "e\xcc\x81"})
    EXPECT_EQ(shown(x), x);
}

TEST(printed_text_test, escapes_what_a_terminal_obeys) {
  EXPECT_EQ(shown("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(shown("a\r\n\tb\x7f"), "a\\r\\n\\tb\\x7f");
  EXPECT_EQ(shown(std::string_view{"\0", 1}), "\\x00");
  EXPECT_EQ(shown("\xc2\x9b"), "\\xc2\\x9b"); // CSI in one character
}

TEST(printed_text_test, escapes_what_turns_the_direction_of_writing) {
  EXPECT_EQ(shown("\xe2\x80\xae"), "\\xe2\\x80\\xae");
  EXPECT_EQ(shown("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");
}

TEST(printed_text_test, escapes_what_is_no_utf8) {
  EXPECT_EQ(shown("a\xff"
                  "b"),
            "a\\xffb");
  EXPECT_EQ(shown("\xc3"), "\\xc3");          // cut
  EXPECT_EQ(shown("\xe2\x82"), "\\xe2\\x82"); // cut
  EXPECT_EQ(shown("\xc0\xaf"), "\\xc0\\xaf"); // longer than needed
  EXPECT_EQ(shown("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
  EXPECT_EQ(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // half of a pair
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(shown("\xc3(\xc3\xa4"), "\\xc3(ä");
}

TEST(printed_text_test, knows_how_wide_characters_are) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("größer"), 6u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("🚀"), 2u);
  EXPECT_EQ(display_width("e\xcc\x81"), 1u); // e and an accent
  EXPECT_EQ(display_width("…"), 1u);
}

TEST(printed_text_test, cuts_what_does_not_fit) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab…");
  EXPECT_EQ(cut("abcd", 1), "…");
  EXPECT_EQ(cut("abcd", 0), "");
  EXPECT_EQ(cut("größer", 4), "grö…");
  EXPECT_EQ(cut("abcde", 4, true), "a...");
  EXPECT_EQ(cut("abcde", 2, true), "..");
  EXPECT_EQ(cut("abcde", 0, true), "");
}

TEST(printed_text_test, never_cuts_through_a_wide_character) {
  EXPECT_EQ(cut("日本語", 6), "日本語");
  EXPECT_EQ(cut("日本語", 5), "日本…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  for (std::size_t width = 0; width < 8; ++width)
    EXPECT_LE(display_width(cut("a日b本c語", width)), width);
}

TEST(printed_text_test, an_accent_stays_with_its_letter) {
  EXPECT_EQ(cut("e\xcc\x81xyz", 2), "e\xcc\x81…");
}

TEST(printed_text_test, breaks_lines_at_blanks) {
  EXPECT_EQ(wrapped("one two three", 7), "one two\nthree");
  EXPECT_EQ(wrapped("one two three", 6), "one\ntwo\nthree");
  EXPECT_EQ(wrapped("toolong to fit", 4), "toolong\nto\nfit");
  EXPECT_EQ(wrapped("a\nb c", 80), "a\nb c");
  EXPECT_EQ(wrapped("ä ö ü", 3), "ä ö\nü");
  EXPECT_EQ(wrapped("", 80), "");
}

} // namespace
} // namespace saker::cli
