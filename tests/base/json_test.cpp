#include "base/json.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

std::string json(std::string_view x) {
  std::string out;
  append_json(out, x);
  return out;
}

TEST(json_test, quotes_text) {
  EXPECT_EQ(json(""), "\"\"");
  EXPECT_EQ(json("plain"), "\"plain\"");
  EXPECT_EQ(json("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json(std::string_view{"\0\x1f\x7f", 3}), R"("\u0000\u001f\u007f")");
}

TEST(json_test, keeps_utf8_and_replaces_what_is_not) {
  EXPECT_EQ(json("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(json("\xff"), "\"" + bad + "\"");
  EXPECT_EQ(json("a\xc3"), "\"a" + bad + "\"");
  EXPECT_EQ(json("\xc3z"), "\"" + bad + "z\"");
  EXPECT_EQ(json("\xc0\x80"), "\"" + bad + bad + "\"");           // too long
  EXPECT_EQ(json("\xe0\x80\x80"), "\"" + bad + bad + bad + "\""); // too long
  EXPECT_EQ(json("\xed\xa0\x80"), "\"" + bad + bad + bad + "\""); // surrogate
  EXPECT_EQ(json("\xf4\x90\x80\x80"),
            "\"" + bad + bad + bad + bad + "\""); // beyond
  EXPECT_EQ(json("\xe2\x82"), "\"" + bad + bad + "\"");
  EXPECT_EQ(json("\xf0\x9f\x98"), "\"" + bad + bad + bad + "\"");
}

} // namespace
} // namespace saker
