#include "process/marked_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace saker::process {
namespace {

TEST(marked_lines_test, marks_each_line_when_it_is_whole) {
  marked_lines uut{"before"};
  EXPECT_EQ(uut.feed("one\ntw"), "[before] one\n");
  EXPECT_EQ(uut.feed("o\n\n"), "[before] two\n[before] \n");
  EXPECT_EQ(uut.finish(), "");
}

TEST(marked_lines_test, ends_a_line_that_the_command_did_not_end) {
  marked_lines uut{"after"};
  EXPECT_EQ(uut.feed("no newline"), "");
  EXPECT_EQ(uut.finish(), "[after] no newline\n");
  EXPECT_EQ(uut.finish(), "");
}

TEST(marked_lines_test, says_once_where_it_was_cut) {
  marked_lines uut{"stop"};
  auto line = std::string(1016, 'x') + '\n'; // 1 KiB with its mark
  std::string all;
  for (auto i = 0; i < 1024; ++i)
    all += uut.feed(line);
  EXPECT_EQ(all.size(), marked_lines::most);
  EXPECT_EQ(all.find("saker:"), std::string::npos);
  auto end = uut.feed(line + line) + uut.feed(line);
  end += uut.feed("no newline") + uut.finish();
  EXPECT_EQ(end, "[stop] saker: it wrote more than 1 MiB; the rest is left "
                 "out\n");
}

TEST(marked_lines_test, does_not_outgrow_its_bound_by_empty_lines) {
  marked_lines uut{"before"};
  std::string all;
  for (auto i = 0; i < 64; ++i)
    all += uut.feed(std::string(std::size_t{1} << 14, '\n'));
  EXPECT_LE(all.size(), marked_lines::most + 100);
  EXPECT_TRUE(all.ends_with("left out\n"));
}

} // namespace
} // namespace saker::process
