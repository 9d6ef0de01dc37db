#include "process/output_lines.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker::process {
namespace {

using lines = std::vector<std::string>;

class output_lines_test : public ::testing::Test {
protected:
  bool feed(std::string_view bytes) {
    return uut.feed(bytes, [this](std::string_view x) { got.emplace_back(x); });
  }

  void flush() {
    uut.flush([this](std::string_view x) { got.emplace_back(x); });
  }

  output_lines uut;
  lines got;
};

TEST_F(output_lines_test, gives_lines_without_their_newline) {
  feed("a\nbc\n\nd\n");
  EXPECT_EQ(got, (lines{"a", "bc", "", "d"}));
  EXPECT_FALSE(uut.pending());
}

TEST_F(output_lines_test, gives_the_same_however_it_is_cut) {
  std::string text;
  for (auto i = 0; i < 256; ++i)
    text += static_cast<char>(i);
  text += "\n\nabc\n" + std::string(100, 'x') + "\nrest\n";
  feed(text);
  auto whole = got;
  for (std::size_t size = 1; size < text.size(); ++size) {
    got.clear();
    for (std::size_t i = 0; i < text.size(); i += size)
      feed(std::string_view{text}.substr(i, size));
    EXPECT_EQ(got, whole) << size;
  }
}

TEST_F(output_lines_test, keeps_an_unfinished_line) {
  EXPECT_TRUE(feed("a\nhalf"));
  EXPECT_EQ(got, (lines{"a"}));
  EXPECT_TRUE(uut.pending());
  EXPECT_FALSE(feed(" of it")) << "it did not begin here";
  EXPECT_TRUE(feed("\nnext"));
  EXPECT_EQ(got, (lines{"a", "half of it"}));
}

TEST_F(output_lines_test, tells_a_line_that_does_not_end) {
  feed("login: ");
  flush();
  EXPECT_EQ(got, (lines{"login: "}));
  flush();
  feed("\n");
  EXPECT_EQ(got, (lines{"login: "})) << "an empty line";
  feed("\n");
  EXPECT_EQ(got, (lines{"login: ", ""}));
}

TEST_F(output_lines_test, tells_the_rest_of_a_line_that_was_told_in_part) {
  feed("log");
  flush();
  feed("in\nx\n");
  EXPECT_EQ(got, (lines{"log", "in", "x"}));
}

TEST_F(output_lines_test, begins_a_line_after_the_end_of_a_child) {
  feed("no newline");
  uut.finish([this](std::string_view x) { got.emplace_back(x); });
  feed("\nnext\n");
  EXPECT_EQ(got, (lines{"no newline", "", "next"}));
}

TEST_F(output_lines_test, splits_what_is_too_long) {
  for (std::size_t piece : {1'000u, 65'535u, 65'536u, 65'537u, 1'000'000u}) {
    got.clear();
    auto text = std::string(output_lines::longest, 'a') + "\n"
                + std::string(output_lines::longest + 1, 'b') + "\n"
                + std::string(2 * output_lines::longest, 'c') + "\nd\n";
    for (std::size_t i = 0; i < text.size(); i += piece)
      feed(std::string_view{text}.substr(i, piece));
    EXPECT_EQ(got, (lines{std::string(output_lines::longest, 'a'),
                          std::string(output_lines::longest, 'b'), "b",
                          std::string(output_lines::longest, 'c'),
                          std::string(output_lines::longest, 'c'), "d"}))
      << piece;
  }
}

} // namespace
} // namespace saker::process
