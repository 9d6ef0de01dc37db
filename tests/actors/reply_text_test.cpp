#include "actors/reply_text.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

std::string reply(errc code, std::string detail) {
  return std::string{to_reply(fail(code, std::move(detail))).text()};
}

TEST(reply_text_test, a_failure_has_one_word_in_front) {
  EXPECT_EQ(reply(errc::busy, "wait"), "BUSY wait");
  EXPECT_EQ(reply(errc::io, "read x"), "ERR read x");
  EXPECT_EQ(reply(errc::script_error, "a.lua:1: no"), "ERR a.lua:1: no");
  EXPECT_EQ(reply(errc::script_error, "ERROR is no code"),
            "ERR ERROR is no code");
  EXPECT_EQ(reply(errc::script_error, "ERR"), "ERR ERR");
}

/// A command that fails in a script that a script called.
TEST(reply_text_test, what_has_a_word_gets_no_second_one) {
  EXPECT_EQ(reply(errc::script_error, "ERR no"), "ERR no");
  EXPECT_EQ(reply(errc::script_error, "NOSERVICE no service"),
            "NOSERVICE no service");
}

TEST(reply_text_test, an_error_has_at_most_4_kib) {
  auto text = reply(errc::script_error, std::string(100'000, 'x'));
  EXPECT_EQ(text.size(), 4096 + std::string_view{"…"}.size());
  EXPECT_TRUE(text.ends_with("x…"));
}

TEST(reply_text_test, lines_for_eyes_are_ascii_unless_utf8_is_asked_for) {
  auto text = [](bool utf8) {
    return std::string{
      text_reply({"a…", "b"}, resp::protocol::resp3, utf8).text()};
  };
  EXPECT_EQ(text(false), "a...\nb\n");
  EXPECT_EQ(text(true), "a…\nb\n");
}

} // namespace
} // namespace saker
