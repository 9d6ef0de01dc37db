#include "tests/support/pump_fixture.hpp"
#include "tests/support/resource_limit.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace saker::process {
namespace {

namespace fs = std::filesystem;

using when_full = output_pump::when_full;
using test::all;
using test::content;
using test::many_lines;
using test::plenty;

class output_pump_rotation_test : public test::pump_fixture {
protected:
  /// Feeds `text` in pieces of `piece` bytes, then compares all files.
  void rotates_whole(const std::string& text, std::size_t piece,
                     std::uint64_t size) {
    auto uut = make(when_full::drop, {size, 1'000'000});
    for (std::size_t i = 0; i < text.size(); i += piece)
      feed(uut, std::string_view{text}.substr(i, piece));
    EXPECT_TRUE(all(path) == text) << "size " << size << ", piece " << piece;
  }

  std::vector<std::string> old_files() const {
    std::vector<std::string> found;
    for (auto i = 1; fs::exists(path + "." + std::to_string(i)); ++i)
      found.push_back(content(path + "." + std::to_string(i)));
    return found;
  }

  void begin_anew() {
    for (auto& x : fs::directory_iterator{dir.path()})
      if (x.is_regular_file())
        fs::remove(x.path());
  }
};

TEST_F(output_pump_rotation_test, keeps_every_byte_and_cuts_between_lines) {
  for (auto size : {100u, 1'000u, 4'096u, 70'000u, 300'000u}) {
    for (auto piece : {7u, 4'096u, 65'536u}) {
      // Each rotation renames all files: not too many of them.
      auto text = many_lines(
        std::min<std::size_t>(size * 40, piece < 100 ? 30'000 : 700'000));
      rotates_whole(text, piece, size);
      for (auto& x : old_files()) {
        ASSERT_LE(x.size(), size + size / 8);
        // Lines have at most 97 bytes; only tiny files cannot hold one.
        if (size > 100) {
          ASSERT_TRUE(x.ends_with('\n')) << size << ' ' << piece;
        }
      }
      EXPECT_FALSE(old_files().empty() && text.size() > 2 * size);
      begin_anew();
    }
  }
}

TEST_F(output_pump_rotation_test, fills_a_file_as_far_as_whole_lines_go) {
  auto uut = make(when_full::drop, {10, 3});
  fifo.write("123\n456\n789\nabc\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".1"), "123\n456\n");
  EXPECT_EQ(content(path), "789\nabc\n");
}

TEST_F(output_pump_rotation_test, waits_for_output_before_it_begins_a_file) {
  auto uut = make(when_full::drop, {8, 3});
  fifo.write("123\n456\n");
  uut.pump(plenty, now);
  EXPECT_FALSE(fs::exists(path + ".1"));
  fifo.write("7");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".1"), "123\n456\n");
  EXPECT_EQ(content(path), "7");
}

TEST_F(output_pump_rotation_test, waits_a_little_for_the_end_of_a_line) {
  auto uut = make(when_full::drop, {16, 3}); // two bytes of patience
  fifo.write("1234567890abcde");
  uut.pump(plenty, now);
  fifo.write("fg");
  uut.pump(plenty, now);
  EXPECT_FALSE(fs::exists(path + ".1"));
  fifo.write("\nnext\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".1"), "1234567890abcdefg\n");
  EXPECT_EQ(content(path), "next\n");
}

TEST_F(output_pump_rotation_test, splits_a_line_that_no_file_can_hold) {
  auto uut = make(when_full::drop, {16, 3});
  fifo.write(std::string(40, 'x') + "\ny\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".2"), std::string(18, 'x'));
  EXPECT_EQ(content(path + ".1"), std::string(18, 'x'));
  EXPECT_EQ(content(path), "xxxx\ny\n");
}

TEST_F(output_pump_rotation_test, rotates_only_after_the_whole_line) {
  auto uut = make(when_full::block, {8, 3});
  fifo.write("1234567\nnext\n");
  {
    test::resource_limit disk{RLIMIT_FSIZE, 5}; // full in the middle of it
    uut.pump(plenty, now);
  }
  uut.hurry();
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".1"), "1234567\n");
  EXPECT_EQ(content(path), "next\n");
}

TEST_F(output_pump_rotation_test, fills_its_files_from_a_large_fifo_too) {
  if (::fcntl(fifo.child(), F_SETPIPE_SZ, 1 << 20) < 0)
    GTEST_SKIP() << "needs a FIFO of 1 MiB";
  auto uut = make(when_full::drop, {100'000, 9});
  auto text = many_lines(500'000);
  feed(uut, text);
  EXPECT_TRUE(all(path) == text);
  EXPECT_FALSE(old_files().empty());
  for (auto& x : old_files())
    EXPECT_GT(x.size(), 99'000u);
}

TEST_F(output_pump_rotation_test, splits_ten_megabytes_without_a_newline) {
  auto text = std::string(10 * 1024 * 1024, 'x') + "\n";
  rotates_whole(text, 1 << 20, 1'000'000);
  for (auto& x : old_files())
    EXPECT_EQ(x.size(), 1'065'536u);
  EXPECT_EQ(old_files().size(), 9u);
}

TEST_F(output_pump_rotation_test, goes_on_in_the_old_file_when_rotation_fails) {
  fs::create_directory(path + ".1");
  auto uut = make(when_full::drop, {8, 1});
  fifo.write("123456\n");
  uut.pump(plenty, now);
  fifo.write("abc\n");
  auto done = uut.pump(plenty, now);
  ASSERT_TRUE(done.not_rotated);
  EXPECT_EQ(content(path), "123456\nabc\n");
  fifo.write("A\n");
  EXPECT_FALSE(uut.pump(plenty, now).not_rotated) << "said again at once";
  EXPECT_EQ(content(path), "123456\nabc\nA\n");
}

TEST_F(output_pump_rotation_test, splits_anywhere_when_it_cannot_look_ahead) {
  auto uut = make(when_full::drop, {16, 1'000});
  uut.pump(plenty, now); // opens the file
  fifo.write("123456789\nabcdefghijk\n");
  {
    test::resource_limit descriptors{RLIMIT_NOFILE, 0}; // no private pipe
    uut.pump(16, now);
  }
  uut.pump(plenty, now);
  EXPECT_EQ(all(path), "123456789\nabcdefghijk\n");
}

TEST_F(output_pump_rotation_test, begins_a_new_file_between_added_lines) {
  auto uut = make(when_full::drop, {10, 3});
  uut.add("123\n456\n789\nabc\n", now);
  EXPECT_EQ(content(path + ".1"), "123\n456\n");
  EXPECT_EQ(content(path), "789\nabc\n");
  uut.add("longer than a file\nx\n", now);
  EXPECT_EQ(content(path + ".1"), "longer than a file\n");
  EXPECT_EQ(content(path), "x\n");
}

TEST_F(output_pump_rotation_test,
       adds_lines_to_the_old_file_when_rotation_fails) {
  fs::create_directories(path + ".1/x");
  auto uut = make(when_full::drop, {4, 1});
  auto done = uut.add("123\n456\n789\n", now);
  EXPECT_TRUE(done.not_rotated);
  EXPECT_EQ(done.moved, 12u);
  EXPECT_EQ(content(path), "123\n456\n789\n");
}

} // namespace
} // namespace saker::process
