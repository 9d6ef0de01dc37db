#include "pubsub/glob.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace saker::pubsub {
namespace {

using namespace std::string_view_literals;

struct row {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

// Each of these was asked of redis-server 7.0.15.
constexpr row rows[]{
  {"", "", true},
  {"*", "", false}, // a quirk: both sides have to be non-empty
  {"**", "", false},
  {"", "a", false},
  {"*", "a", true},
  {"**", "abc", true},
  {"?", "a", true},
  {"?", "\xc3\xa9", false},
  {"??", "\xc3\xa9", true},
  {"h[ae]llo", "hello", true},
  {"h[ae]llo", "hillo", false},
  {"h[^e]llo", "hallo", true},
  {"h[^e]llo", "hello", false},
  {"h[!e]llo", "hallo", false},
  {"h[!e]llo", "h!llo", true},
  {"h[a-b]llo", "hbllo", true},
  {"h[b-a]llo", "hallo", true},
  {"h[a-b]llo", "hcllo", false},
  {"[-a]", "-", true},
  {"[a-]", "-", false},
  {"[a-]", "b", false},
  {"[]]", "]", false},
  {"[\\]]", "]", true},
  {"[]", "]", false},
  {"[^]", "x", true},
  {"[[]", "[", true},
  {"h[abc", "ha", true},
  {"h[abc", "hc", true},
  {"h[abc", "hd", false},
  {"h[", "h", false},
  {"h[", "h[", false},
  {"[\\a-z]", "a", true},
  {"[\\a-z]", "b", false},
  {"[a\\-z]", "-", true},
  {"[a\\-z]", "b", false},
  {"\\*", "*", true},
  {"\\*", "a", false},
  {"\\?", "?", true},
  {"\\\\", "\\", true},
  {"\\", "\\", true},
  {"foo.*", "foo.", true},
  {"foo.*", "foo", false},
  {"*foo", "foo", true},
  {"a*", "a", true},
  {"a*b*c", "aXbYbZc", true},
  {"a*b*c", "aXbYbZ", false},
  {"*\0*"sv, "a\0b"sv, true},
  {"a?b", "a\nb", true},
  {"Foo", "foo", false},
};

TEST(glob_test, matches_byte_for_byte_as_redis) {
  for (auto& [pattern, text, matches] : rows)
    EXPECT_EQ(glob_match(pattern, text), matches) << pattern << " : " << text;
}

TEST(glob_test, ends_soon_on_patterns_made_to_take_for_ever) {
  std::string text(20'000, 'a');
  std::string pattern;
  for (int i = 0; i < 2'000; ++i)
    pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", text));
  EXPECT_TRUE(glob_match(pattern, text));
  EXPECT_TRUE(glob_match(std::string(1'000'000, '*'), text));
  // Half a pattern against every position: here the cap decides.
  EXPECT_FALSE(glob_match("*" + std::string(10'000, 'a') + "b", text));
}

TEST(glob_test, tells_whether_a_match_may_begin_with_a_prefix) {
  auto may = [](std::string_view pattern) {
    return glob_may_begin_with(pattern, "log:");
  };
  for (auto x : {"log:*", "*", "l*", "log:n:web", "?og:x", "[a-z]og:*",
                 "\\log:x", "lo*", "log:"})
    EXPECT_TRUE(may(x)) << x;
  for (auto x :
       {"", "saker:*", "lo", "log", "log?", "[^l]og:*", "Log:*", "xlog:*"})
    EXPECT_EQ(may(x), x == "log?"sv) << x;
}

TEST(glob_test, frames_every_text_that_matches) {
  auto frame = [](std::string_view pattern) {
    auto [head, middle, tail] = frame_of(pattern);
    return std::string{head} + "|" + std::string{middle} + "|"
           + std::string{tail};
  };
  EXPECT_EQ(frame("abc"), "abc||");
  EXPECT_EQ(frame("ab*c"), "ab||c");
  EXPECT_EQ(frame("saker:*:web:*"), "saker:|:web:|");
  EXPECT_EQ(frame("*:exit"), "||:exit");
  EXPECT_EQ(frame("a?bc[de]f*g"), "a|bc|g");
  // An escaped byte is left to the comparison.
  EXPECT_EQ(frame("a\\*b?c[de]f\\g"), "a|b|");
  EXPECT_EQ(frame("\\abc\\de"), "|bc|e");
  EXPECT_EQ(frame("a[bc"), "a||");
  EXPECT_EQ(frame("a\\"), "a\\||");
  EXPECT_EQ(frame(""), "||");
}

std::string random_text(std::mt19937& random, std::string_view alphabet) {
  std::string result(random() % 9, ' ');
  for (auto& c : result)
    c = alphabet[random() % alphabet.size()];
  return result;
}

TEST(glob_test, keeps_every_match_within_its_frame_and_prefix) {
  std::mt19937 random{11};
  int matches = 0;
  for (int i = 0; i < 200'000; ++i) {
    auto pattern = random_text(random, "aab*?[]^-\\");
    auto text = random_text(random, "ab]-\\");
    if (!glob_match(pattern, text))
      continue;
    ++matches;
    auto [head, middle, tail] = frame_of(pattern);
    ASSERT_TRUE(text.starts_with(head)) << pattern << " : " << text;
    ASSERT_NE(text.find(middle, head.size()), text.npos)
      << pattern << " : " << text;
    ASSERT_TRUE(text.ends_with(tail)) << pattern << " : " << text;
    for (std::size_t n = 0; n <= text.size(); ++n)
      ASSERT_TRUE(glob_may_begin_with(pattern, text.substr(0, n)))
        << pattern << " : " << text << " : " << n;
  }
  EXPECT_GT(matches, 1'000);
}

} // namespace
} // namespace saker::pubsub
