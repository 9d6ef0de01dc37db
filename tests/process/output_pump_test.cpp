#include "process/output_pump.hpp"

#include "tests/support/resource_limit.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_fifo.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <poll.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace saker::process {
namespace {

namespace fs = std::filesystem;

using namespace std::chrono_literals;
using next = pumped::next;
using when_full = output_pump::when_full;

constexpr std::size_t plenty = 1 << 24;

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

/// All of a rotated log, oldest first.
std::string all(const std::string& path) {
  auto count = 1;
  while (fs::exists(path + "." + std::to_string(count)))
    ++count;
  std::string text;
  while (--count > 0)
    text += content(path + "." + std::to_string(count));
  return text + content(path);
}

/// `count` bytes in lines of all kinds of lengths, also very short ones.
std::string many_lines(std::size_t count, std::uint32_t seed = 1) {
  std::mt19937 random{seed};
  std::string text;
  while (text.size() < count) {
    text += std::to_string(text.size());
    text.append(random() % 90, static_cast<char>('a' + random() % 26));
    text += '\n';
  }
  return text;
}

class output_pump_test : public ::testing::Test {
protected:
  output_pump
  make(when_full policy = when_full::drop, rotation limits = {10'000'000, 5}) {
    output_pump x{std::make_shared<log_file>(path, limits), policy, &scratch};
    x.attach(fifo.reader());
    return x;
  }

  /// Sends `text` through FIFO and pump, a FIFO's worth at a time.
  void feed(output_pump& uut, std::string_view text) {
    while (!text.empty()) {
      text.remove_prefix(fifo.write(text));
      auto done = uut.pump(plenty, now);
      ASSERT_EQ(done.when, next::readable);
      ASSERT_EQ(fifo.waiting(), 0u);
    }
  }

  test::temporary_directory dir;
  test::test_fifo fifo{dir.path() / "web#0"};
  std::string path = dir.path() / "web.log";
  scratch_pipe scratch;
  output_pump::time_point now{1h};
};

TEST_F(output_pump_test, moves_what_waits_and_then_wants_more) {
  auto uut = make();
  fifo.write("hello\n");
  auto done = uut.pump(plenty, now);
  EXPECT_EQ(done.moved, 6u);
  EXPECT_EQ(done.lost, 0u);
  EXPECT_EQ(done.when, next::readable);
  EXPECT_FALSE(done.full);
  EXPECT_EQ(content(path), "hello\n");
  done = uut.pump(plenty, now);
  EXPECT_EQ(done.moved, 0u);
  EXPECT_EQ(done.when, next::readable);
}

TEST_F(output_pump_test, keeps_every_byte_value) {
  auto uut = make();
  std::string bytes;
  for (auto i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  fifo.write(bytes);
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), bytes);
}

TEST_F(output_pump_test, stops_at_its_budget) {
  auto uut = make();
  auto text = many_lines(40'000);
  fifo.write(text);
  auto done = uut.pump(10'000, now);
  EXPECT_EQ(done.moved, 10'000u);
  EXPECT_EQ(done.when, next::again);
  EXPECT_EQ(uut.available(), text.size() - 10'000);
  done = uut.pump(plenty, now);
  EXPECT_EQ(done.when, next::readable);
  EXPECT_EQ(content(path), text);
}

TEST_F(output_pump_test, says_when_nobody_can_write_any_more) {
  auto uut = make();
  fifo.write("last words\n");
  fifo.hang_up();
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "last words\n");
  EXPECT_EQ(uut.pump(plenty, now).when, next::ended);
  uut.watch(true);
  EXPECT_EQ(uut.pump(plenty, now).when, next::ended);
  uut.change(nullptr, when_full::drop);
  EXPECT_EQ(uut.pump(plenty, now).when, next::ended);
}

TEST_F(output_pump_test, knows_how_much_a_fifo_holds) {
  auto uut = make();
  EXPECT_EQ(uut.capacity(),
            static_cast<std::size_t>(::fcntl(fifo.child(), F_GETPIPE_SZ)));
}

TEST_F(output_pump_test, leaves_in_the_fifo_what_it_did_not_move) {
  auto uut = make();
  fifo.write("one\ntwo\n");
  uut.pump(4, now);
  uut.release();
  EXPECT_EQ(uut.fifo(), -1);
  uut.attach(fifo.reader());
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "one\ntwo\n");
}

TEST_F(output_pump_test, throws_away_where_there_is_no_file) {
  output_pump uut{nullptr, when_full::block, &scratch};
  uut.attach(fifo.reader());
  fifo.write("noise\n");
  auto done = uut.pump(plenty, now);
  EXPECT_EQ(done.when, next::readable);
  EXPECT_EQ(fifo.waiting(), 0u);
  // It is no loss: a later file says nothing of it.
  uut.change(std::make_shared<log_file>(path, rotation{}), when_full::block);
  fifo.write("sound\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "sound\n");
}

TEST_F(output_pump_test, shares_a_file_with_other_children) {
  auto uut = make();
  test::test_fifo other{dir.path() / "web#1"};
  output_pump second{uut.file(), when_full::drop, &scratch};
  second.attach(other.reader());
  fifo.write("1\n");
  uut.pump(plenty, now);
  other.write("2\n");
  second.pump(plenty, now);
  fifo.write("3\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "1\n2\n3\n");
}

// -- rotation -----------------------------------------------------------------

class rotation_test : public output_pump_test {
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

TEST_F(rotation_test, keeps_every_byte_and_cuts_between_lines) {
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

TEST_F(rotation_test, fills_a_file_as_far_as_whole_lines_go) {
  auto uut = make(when_full::drop, {10, 3});
  fifo.write("123\n456\n789\nabc\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".1"), "123\n456\n");
  EXPECT_EQ(content(path), "789\nabc\n");
}

TEST_F(rotation_test, waits_for_output_before_it_begins_a_file) {
  auto uut = make(when_full::drop, {8, 3});
  fifo.write("123\n456\n");
  uut.pump(plenty, now);
  EXPECT_FALSE(fs::exists(path + ".1"));
  fifo.write("7");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".1"), "123\n456\n");
  EXPECT_EQ(content(path), "7");
}

TEST_F(rotation_test, waits_a_little_for_the_end_of_a_line) {
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

TEST_F(rotation_test, splits_a_line_that_no_file_can_hold) {
  auto uut = make(when_full::drop, {16, 3});
  fifo.write(std::string(40, 'x') + "\ny\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path + ".2"), std::string(18, 'x'));
  EXPECT_EQ(content(path + ".1"), std::string(18, 'x'));
  EXPECT_EQ(content(path), "xxxx\ny\n");
}

TEST_F(rotation_test, rotates_only_after_the_whole_line) {
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

TEST_F(rotation_test, fills_its_files_from_a_large_fifo_too) {
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

TEST_F(rotation_test, splits_ten_megabytes_without_a_newline) {
  auto text = std::string(10 * 1024 * 1024, 'x') + "\n";
  rotates_whole(text, 1 << 20, 1'000'000);
  for (auto& x : old_files())
    EXPECT_EQ(x.size(), 1'065'536u);
  EXPECT_EQ(old_files().size(), 9u);
}

TEST_F(rotation_test, goes_on_in_the_old_file_when_rotation_fails) {
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

TEST_F(rotation_test, splits_anywhere_when_it_cannot_look_ahead) {
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

// -- those who watch ----------------------------------------------------------

TEST_F(output_pump_test, copies_only_for_those_who_watch) {
  auto uut = make();
  fifo.write("a\n");
  EXPECT_EQ(uut.pump(plenty, now).copy, "");
  uut.watch(true);
  fifo.write("b\n");
  EXPECT_EQ(uut.pump(plenty, now).copy, "b\n");
  uut.watch(false);
  fifo.write("c\n");
  EXPECT_EQ(uut.pump(plenty, now).copy, "");
  EXPECT_EQ(content(path), "a\nb\nc\n");
}

TEST_F(output_pump_test, looks_again_after_it_let_go_of_its_pipe) {
  auto uut = make();
  uut.watch(true);
  for (auto i = 0; i < 3; ++i) {
    fifo.write("a\n");
    EXPECT_EQ(uut.pump(plenty, now).copy, "a\n");
    scratch.close();
  }
}

TEST_F(output_pump_test, copies_exactly_what_goes_into_the_files) {
  auto uut = make(when_full::drop, {1'000, 1'000});
  uut.watch(true);
  auto text = many_lines(100'000);
  std::string copy;
  for (std::string_view rest = text; !rest.empty();) {
    rest.remove_prefix(fifo.write(rest));
    for (auto when = next::again; when == next::again;) {
      auto done = uut.pump(5'000, now);
      EXPECT_LE(done.copy.size(), 5'000u);
      copy += done.copy;
      when = done.when;
    }
  }
  EXPECT_TRUE(copy == text);
  EXPECT_TRUE(all(path) == text);
}

TEST_F(output_pump_test, copies_what_is_discarded_too) {
  auto uut = make();
  uut.watch(true);
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  auto done = uut.pump(plenty, now);
  EXPECT_EQ(done.moved, 4u);
  EXPECT_EQ(done.lost, 5u);
  EXPECT_EQ(done.copy, "12345678\n");
}

// -- a file that takes nothing ------------------------------------------------

TEST_F(output_pump_test, discards_when_full_and_says_so_once) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  auto done = uut.pump(plenty, now);
  ASSERT_TRUE(done.filled);
  EXPECT_EQ(done.filled->code, errc::io);
  EXPECT_NE(done.filled->detail.find(path), std::string::npos);
  EXPECT_TRUE(done.full);
  EXPECT_EQ(done.when, next::readable);
  for (auto i = 0; i < 5; ++i) {
    now += 10s;
    EXPECT_EQ(fifo.write("more\n"), 5u);
    done = uut.pump(plenty, now);
    EXPECT_FALSE(done.filled);
    EXPECT_FALSE(done.healed);
    EXPECT_EQ(done.lost, 5u);
    EXPECT_EQ(fifo.waiting(), 0u);
  }
}

TEST_F(output_pump_test, says_how_much_was_lost_before_it_goes_on) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  uut.pump(plenty, now);
  disk.lift();
  fifo.write("still lost\n"); // the file is left alone for a while
  auto done = uut.pump(plenty, now + 999ms);
  EXPECT_EQ(done.lost, 11u);
  fifo.write("again\n");
  done = uut.pump(plenty, now + 1s);
  EXPECT_FALSE(done.full);
  ASSERT_TRUE(done.healed);
  EXPECT_EQ(*done.healed, 16u);
  EXPECT_EQ(content(path), "1234\nsaker: lost 16 bytes\nagain\n");
}

TEST_F(output_pump_test, says_how_much_was_lost_though_nothing_follows) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("123\nlost\n");
  uut.pump(plenty, now);
  uut.release();
  disk.lift();
  auto done = uut.pump(plenty, now + 1s);
  EXPECT_TRUE(done.healed);
  EXPECT_EQ(content(path), "123\nsaker: lost 5 bytes\n");
}

TEST_F(output_pump_test, tries_at_once_when_it_is_told_to_hurry) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("123\nlost\n");
  uut.pump(plenty, now);
  disk.lift();
  uut.hurry();
  EXPECT_TRUE(uut.pump(plenty, now).healed);
}

TEST_F(output_pump_test, counts_each_bout_for_itself) {
  auto uut = make();
  for (auto bout = 0; bout < 2; ++bout) {
    test::resource_limit disk{RLIMIT_FSIZE, 0};
    fifo.write("lost\n");
    EXPECT_TRUE(uut.pump(plenty, now).filled);
    disk.lift();
    uut.hurry();
    auto done = uut.pump(plenty, now);
    ASSERT_TRUE(done.healed);
    EXPECT_EQ(*done.healed, 5u);
  }
  EXPECT_EQ(content(path), "saker: lost 5 bytes\nsaker: lost 5 bytes\n");
}

TEST_F(output_pump_test, holds_no_descriptor_without_a_fifo) {
  auto open_files = [] {
    fs::directory_iterator all{"/proc/self/fd"};
    return std::distance(fs::begin(all), fs::end(all));
  };
  auto before = open_files();
  auto uut = make();
  fifo.write("1\n");
  uut.pump(plenty, now);
  EXPECT_EQ(open_files(), before + 2);
  uut.release();
  EXPECT_EQ(open_files(), before);
  uut.lost(3);
  uut.pump(plenty, now);
  EXPECT_EQ(open_files(), before);
  EXPECT_EQ(content(path), "1\nsaker: lost 3 bytes\n");
}

TEST_F(output_pump_test, announces_what_others_threw_away) {
  auto uut = make();
  uut.lost(77);
  fifo.write("hello\n");
  auto done = uut.pump(plenty, now);
  EXPECT_FALSE(done.healed);
  EXPECT_EQ(done.lost, 0u);
  EXPECT_EQ(content(path), "saker: lost 77 bytes\nhello\n");
}

TEST_F(output_pump_test, leaves_the_fifo_full_when_the_child_shall_wait) {
  auto uut = make(when_full::block);
  auto text = many_lines(200'000);
  auto rest = std::string_view{text};
  {
    test::resource_limit disk{RLIMIT_FSIZE, 1'000};
    rest.remove_prefix(fifo.write(rest));
    auto done = uut.pump(plenty, now);
    EXPECT_TRUE(done.filled);
    EXPECT_TRUE(done.full);
    EXPECT_EQ(done.when, next::later);
    rest.remove_prefix(fifo.write(rest));
    EXPECT_EQ(fifo.write(rest), 0u) << "the child waits";
    now += 5s;
    done = uut.pump(plenty, now);
    EXPECT_FALSE(done.filled) << "said twice";
    EXPECT_EQ(done.when, next::later);
    EXPECT_EQ(done.lost, 0u);
  }
  auto done = uut.pump(plenty, now + 999ms);
  EXPECT_EQ(done.moved, 0u);
  done = uut.pump(plenty, now + 1s);
  ASSERT_TRUE(done.healed);
  EXPECT_EQ(*done.healed, 0u);
  feed(uut, rest);
  EXPECT_TRUE(content(path) == text);
}

TEST_F(output_pump_test, treats_a_file_that_does_not_open_as_full) {
  fs::create_symlink("/etc/passwd", path);
  auto uut = make();
  fifo.write("lost\n");
  auto done = uut.pump(plenty, now);
  ASSERT_TRUE(done.filled);
  EXPECT_EQ(done.filled->code, errc::refused);
  EXPECT_EQ(done.lost, 5u);
  fs::remove(path);
  fifo.write("kept\n");
  EXPECT_TRUE(uut.pump(plenty, now + 1s).healed);
  EXPECT_EQ(content(path), "saker: lost 5 bytes\nkept\n");
}

TEST_F(output_pump_test, tries_another_file_at_once) {
  fs::create_symlink("/etc/passwd", path);
  auto uut = make();
  uut.pump(plenty, now);
  uut.change(std::make_shared<log_file>(path + "2", rotation{}),
             when_full::drop);
  fifo.write("kept\n");
  EXPECT_TRUE(uut.pump(plenty, now).healed);
  EXPECT_EQ(content(path + "2"), "kept\n");
}

// -- lines that others add -----------------------------------------------------

TEST_F(output_pump_test, adds_lines_of_others_behind_its_own) {
  auto uut = make();
  fifo.write("one\nunfinished");
  uut.pump(plenty, now);
  auto done = uut.add("[reload] two\n", now);
  EXPECT_EQ(done.moved, 13u);
  EXPECT_EQ(done.lost, 0u);
  fifo.write("three\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "one\nunfinished\n[reload] two\nthree\n");
}

TEST_F(output_pump_test, adds_lines_where_there_is_no_child) {
  auto uut = make();
  uut.release();
  uut.add("[before] one\n", now);
  uut.attach(fifo.reader());
  fifo.write("two\n");
  uut.pump(plenty, now);
  EXPECT_EQ(content(path), "[before] one\ntwo\n");
  output_pump without{nullptr, when_full::drop, &scratch};
  EXPECT_EQ(without.add("[before] one\n", now).moved, 0u);
  EXPECT_EQ(without.unannounced(), 0u);
}

TEST_F(rotation_test, begins_a_new_file_between_added_lines) {
  auto uut = make(when_full::drop, {10, 3});
  uut.add("123\n456\n789\nabc\n", now);
  EXPECT_EQ(content(path + ".1"), "123\n456\n");
  EXPECT_EQ(content(path), "789\nabc\n");
  uut.add("longer than a file\nx\n", now);
  EXPECT_EQ(content(path + ".1"), "longer than a file\n");
  EXPECT_EQ(content(path), "x\n");
}

TEST_F(rotation_test, adds_lines_to_the_old_file_when_rotation_fails) {
  fs::create_directories(path + ".1/x");
  auto uut = make(when_full::drop, {4, 1});
  auto done = uut.add("123\n456\n789\n", now);
  EXPECT_TRUE(done.not_rotated);
  EXPECT_EQ(done.moved, 12u);
  EXPECT_EQ(content(path), "123\n456\n789\n");
}

TEST_F(output_pump_test, counts_added_lines_that_the_file_does_not_take) {
  for (auto policy : {when_full::drop, when_full::block}) {
    fs::remove(path);
    auto uut = make(policy);
    uut.add("123\n", now);
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    auto done = uut.add("456\n", now);
    EXPECT_TRUE(done.filled);
    EXPECT_TRUE(done.full);
    EXPECT_EQ(done.lost, 4u);
    EXPECT_EQ(uut.add("789\n", now).lost, 4u);
    disk.lift();
    EXPECT_TRUE(uut.add("abc\n", now + 1s).healed);
    EXPECT_EQ(content(path), "123\nsaker: lost 8 bytes\nabc\n");
  }
}

/// A file system of 1 MiB, where this machine lets us have one.
class small_disk_test : public output_pump_test {
protected:
  void SetUp() override {
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0)
      GTEST_SKIP() << "needs the right to mount a tmpfs";
    mounted = true;
    path = disk + "/web.log";
  }

  void TearDown() override {
    if (mounted) {
      EXPECT_EQ(::umount2(disk.c_str(), MNT_DETACH), 0);
    }
  }

  std::string disk = dir.path() / "disk";
  bool mounted = false;
};

TEST_F(small_disk_test, never_lets_the_child_wait) {
  auto uut = make();
  auto text = many_lines(3 << 20);
  std::uint64_t moved = 0;
  std::uint64_t lost = 0;
  auto bouts = 0;
  for (std::string_view rest = text; !rest.empty();) {
    auto n = fifo.write(rest.substr(0, 4'096));
    ASSERT_EQ(n, std::min<std::size_t>(4'096, rest.size()));
    rest.remove_prefix(n);
    auto done = uut.pump(plenty, now);
    ASSERT_EQ(fifo.waiting(), 0u);
    moved += done.moved;
    lost += done.lost;
    bouts += bool(done.filled);
    now += 10ms;
  }
  EXPECT_EQ(bouts, 1);
  EXPECT_EQ(moved + lost, text.size());
  EXPECT_GT(moved, std::uint64_t{1'000'000});
  auto written = content(path);
  EXPECT_TRUE(written == text.substr(0, moved));
  fs::resize_file(path, 0); // somebody makes space
  fifo.write("again\n");
  auto done = uut.pump(plenty, now + 1s);
  ASSERT_TRUE(done.healed);
  EXPECT_EQ(*done.healed, lost);
  EXPECT_EQ(content(path),
            "saker: lost " + std::to_string(lost) + " bytes\nagain\n");
}

TEST_F(small_disk_test, makes_space_by_rotation) {
  auto uut = make(when_full::block, {200'000, 3});
  feed(uut, many_lines(5'000'000));
  EXPECT_FALSE(uut.full());
}

// -- kill -9 ------------------------------------------------------------------

/// A process that pumps until it is killed.
pid_t start_pumping(const std::string& fifo, const std::string& path,
                    bool watched) {
  auto pid = ::fork();
  if (pid != 0)
    return pid;
  scratch_pipe scratch;
  output_pump uut{std::make_shared<log_file>(path, rotation{50'000, 100'000}),
                  when_full::block, &scratch};
  uut.attach(
    unique_fd{::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)});
  uut.watch(watched);
  for (;;) {
    pollfd x{uut.fifo(), POLLIN, 0};
    ::poll(&x, 1, -1);
    uut.pump(3'000, {});
  }
}

void kill_and_reap(pid_t pid) {
  ASSERT_GT(pid, 0);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
}

TEST_F(output_pump_test, loses_nothing_over_fifty_kills) {
  // As the child does, we wait when the FIFO is full.
  ASSERT_EQ(::fcntl(fifo.child(), F_SETFL, 0), 0);
  std::mt19937 random{7};
  std::string sent;
  for (auto kills = 0; kills < 50; ++kills) {
    auto pid = start_pumping(fifo.path(), path, kills % 2 == 1);
    auto text = many_lines(20'000 + random() % 200'000, random());
    for (std::string_view rest = text; !rest.empty();) {
      auto n = std::min<std::size_t>(1 + random() % 6'000, rest.size());
      ASSERT_EQ(fifo.write(rest.substr(0, n)), n);
      rest.remove_prefix(n);
    }
    sent += text;
    kill_and_reap(pid); // it is at work on the last 64 KiB
  }
  auto uut = make(when_full::block, {50'000, 100'000});
  uut.pump(plenty, now);
  EXPECT_EQ(fifo.waiting(), 0u);
  auto got = all(path);
  EXPECT_EQ(got.size(), sent.size());
  EXPECT_TRUE(got == sent);
}

} // namespace
} // namespace saker::process
