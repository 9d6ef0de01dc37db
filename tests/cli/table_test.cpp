#include "cli/table.hpp"

#include "cli/printed_text.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using texts = std::vector<std::string>;

table sample_table() {
  return {{{"NAME", {}, 6}, {"STATE", {}}, {"WHY", 2, 8}, {"NODE", 1}},
          {{{"web:0"}, {"running"}, {"a long explanation"}, {"box"}},
           {{"日本"}, {"failed", look::bad}, {"-"}, {"größer"}}}};
}

texts narrow(std::size_t width) {
  return lay_out(sample_table(), {width});
}

TEST(table_test, columns_are_as_wide_as_their_widest_cell) {
  EXPECT_EQ(lay_out(sample_table(), {}),
            (texts{"NAME   STATE    WHY                 NODE",
                   "web:0  running  a long explanation  box",
                   "日本   failed   -                   größer"}));
}

TEST(table_test, what_fits_is_not_cut) {
  EXPECT_EQ(narrow(42), lay_out(sample_table(), {}));
}

TEST(table_test, cells_are_cut_before_columns_are_dropped) {
  EXPECT_EQ(narrow(41)[1], "web:0  running  a long explanati…  box");
  EXPECT_EQ(narrow(32)[1], "web:0  running  a long …  box");
}

TEST(table_test, columns_are_dropped_by_rank) {
  EXPECT_EQ(narrow(31),
            (texts{"NAME   STATE    WHY", "web:0  running  a long explana…",
                   "日本   failed   -"}));
  EXPECT_EQ(narrow(23),
            (texts{"NAME   STATE", "web:0  running", "日本   failed"}));
}

TEST(table_test, those_without_a_rank_stay_and_are_cut_at_the_edge) {
  EXPECT_EQ(narrow(10), (texts{"NAME   ST…", "web:0  ru…", "日本   fa…"}));
}

TEST(table_test, no_line_is_ever_wider_than_the_canvas) {
  for (std::size_t width = 1; width < 60; ++width)
    for (auto& line : narrow(width))
      EXPECT_LE(display_width(line), width) << line;
}

TEST(table_test, colours_take_no_room) {
  auto lines = lay_out(sample_table(), {{}, true});
  EXPECT_EQ(lines[0], "\x1b[1mNAME\x1b[0m   \x1b[1mSTATE\x1b[0m    "
                      "\x1b[1mWHY\x1b[0m                 \x1b[1mNODE\x1b[0m");
  EXPECT_EQ(lines[2], "日本   \x1b[1;31mfailed\x1b[0m   -                   "
                      "größer");
}

TEST(table_test, plain_text_is_not_painted) {
  EXPECT_EQ(painted("x", look::plain, true), "x");
  EXPECT_EQ(painted("", look::bad, true), "");
  EXPECT_EQ(painted("x", look::bad, false), "x");
}

TEST(table_test, without_rows_there_are_the_titles) {
  EXPECT_EQ(lay_out({{{"A", {}}, {"B", {}}}, {}}, {}), (texts{"A  B"}));
}

} // namespace
} // namespace saker::cli
