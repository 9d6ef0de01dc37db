#include "lua/definition_lines.hpp"

#include <gtest/gtest.h>

namespace saker::lua {
namespace {

TEST(definition_lines_test, finds_a_key_of_the_first_table_from_a_line_on) {
  auto text = "service \"a\" {\n  dir = 1,\n}\nservice \"b\" {\n\n dir = 2 }";
  EXPECT_EQ(line_of_key(text, 1, "dir"), 2);
  EXPECT_EQ(line_of_key(text, 4, "dir"), 6);
  EXPECT_EQ(line_of_key(text, 4, "exec"), 4);
}

TEST(definition_lines_test, is_not_fooled_by_texts_comments_and_inner_tables) {
  auto text = "service \"a\" {\n"
              "  x = \"dir = 1\", -- dir = 2\n"
              "  --[[ dir = 3\n dir = 3 ]] y = [==[\n dir = 4 ]==],\n"
              "  env = { dir = 5 },\n"
              "  z = f(dir == 6), w = 'it\\'s dir = 7',\n"
              "  dir\n   = 8,\n"
              "}";
  EXPECT_EQ(line_of_key(text, 1, "dir"), 8);
}

TEST(definition_lines_test, stays_on_the_line_where_it_cannot_know) {
  EXPECT_EQ(line_of_key("service \"a\" (t)\ndir = 1", 1, "dir"), 1);
  EXPECT_EQ(line_of_key("service \"a\" {", 1, "dir"), 1);
  EXPECT_EQ(line_of_key("", 3, "dir"), 3);
  EXPECT_EQ(line_of_key("service \"a\" { x = [[", 1, "dir"), 1);
  EXPECT_EQ(line_of_key("service \"a\" { x = \"", 1, "dir"), 1);
}

} // namespace
} // namespace saker::lua
