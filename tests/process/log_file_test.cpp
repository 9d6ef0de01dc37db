#include "process/log_file.hpp"

#include "tests/support/resource_limit.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {
namespace {

namespace fs = std::filesystem;

using namespace std::chrono_literals;

std::string file_content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

mode_t mode(const std::string& path) {
  struct stat about {};
  EXPECT_EQ(::lstat(path.c_str(), &about), 0) << path;
  return about.st_mode & 07777;
}

class log_file_test : public ::testing::Test {
protected:
  std::string name(const std::string& x) const {
    return dir.path() / x;
  }

  /// A file in which `text` was logged.
  log_file logged(const std::string& text, rotation limits) const {
    log_file uut{name("a.log"), limits};
    EXPECT_TRUE(uut.open(now));
    EXPECT_TRUE(uut.append(text));
    return uut;
  }

  test::temporary_directory dir;
  log_file::time_point now{1h};
};

TEST_F(log_file_test, creates_the_file_and_its_parents) {
  auto before = ::umask(022);
  log_file uut{name("x/y/a.log"), {}};
  EXPECT_FALSE(fs::exists(name("x")));
  ASSERT_TRUE(uut.open(now));
  ::umask(before);
  EXPECT_EQ(mode(name("x/y/a.log")), 0640u);
  EXPECT_EQ(mode(name("x/y")), 0755u);
  EXPECT_EQ(mode(name("x")), 0755u);
}

TEST_F(log_file_test, goes_on_at_the_end_of_what_is_there) {
  dir.write("a.log", "before\n");
  log_file uut{name("a.log"), {}};
  ASSERT_TRUE(uut.open(now));
  EXPECT_EQ(uut.size(), 7u);
  ASSERT_TRUE(uut.append("after\n"));
  EXPECT_EQ(file_content(name("a.log")), "before\nafter\n");
  EXPECT_EQ(uut.size(), 13u);
}

TEST_F(log_file_test, refuses_a_symbolic_link) {
  dir.write("victim", "mine");
  fs::create_symlink(name("victim"), name("a.log"));
  auto done = log_file{name("a.log"), {}}.open(now);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::refused);
  EXPECT_NE(done.error().detail.find("symbolic link"), std::string::npos);
}

TEST_F(log_file_test, refuses_what_is_no_regular_file) {
  fs::create_directory(name("directory"));
  ASSERT_EQ(::mkfifo(name("fifo").c_str(), 0600), 0);
  for (auto path :
       {name("directory"), name("fifo"), std::string{"/dev/null"}}) {
    auto done = log_file{path, {}}.open(now);
    // A FIFO without a reader does not even open.
    ASSERT_FALSE(done) << path;
    EXPECT_NE(done.error().detail.find(path), std::string::npos);
  }
  EXPECT_EQ(log_file(name("directory"), {}).open(now).error().code,
            errc::refused);
  EXPECT_EQ(log_file("/dev/null", {}).open(now).error().code, errc::refused);
}

TEST_F(log_file_test, says_which_directory_cannot_be_made) {
  dir.write("x", "a file");
  auto done = log_file{name("x/y/a.log"), {}}.open(now);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::io);
  EXPECT_NE(done.error().detail.find("Not a directory"), std::string::npos)
    << done.error().detail;
}

TEST_F(log_file_test, begins_anew_when_it_was_removed) {
  auto uut = logged("old\n", {});
  fs::remove(name("a.log"));
  ASSERT_TRUE(uut.open(now));
  EXPECT_EQ(uut.size(), 0u);
  ASSERT_TRUE(uut.append("new\n"));
  EXPECT_EQ(file_content(name("a.log")), "new\n");
}

TEST_F(log_file_test, begins_anew_within_a_second_when_it_was_renamed) {
  auto uut = logged("old\n", {});
  fs::rename(name("a.log"), name("a.old"));
  now += 999ms;
  ASSERT_TRUE(uut.open(now));
  ASSERT_TRUE(uut.append("late\n"));
  EXPECT_FALSE(fs::exists(name("a.log"))) << "looked up too often";
  now += 1ms;
  ASSERT_TRUE(uut.open(now));
  ASSERT_TRUE(uut.append("new\n"));
  EXPECT_EQ(file_content(name("a.old")), "old\nlate\n");
  EXPECT_EQ(file_content(name("a.log")), "new\n");
}

TEST_F(log_file_test, goes_on_in_the_file_that_took_its_place) {
  auto uut = logged("old\n", {});
  fs::rename(name("a.log"), name("a.old"));
  dir.write("a.log", "theirs\n");
  ASSERT_TRUE(uut.open(now + 1s));
  ASSERT_TRUE(uut.append("new\n"));
  EXPECT_EQ(file_content(name("a.log")), "theirs\nnew\n");
  EXPECT_EQ(uut.size(), 11u);
}

TEST_F(log_file_test, leaves_no_hole_when_it_was_truncated) {
  auto uut = logged("old\n", {});
  fs::resize_file(name("a.log"), 0);
  ASSERT_TRUE(uut.open(now));
  ASSERT_TRUE(uut.append("new\n"));
  EXPECT_EQ(file_content(name("a.log")), "new\n");
}

TEST_F(log_file_test, knows_where_a_line_begins) {
  auto uut = logged("", {});
  EXPECT_TRUE(uut.at_line_start());
  ASSERT_TRUE(uut.append("a"));
  EXPECT_FALSE(uut.at_line_start());
  ASSERT_TRUE(uut.append("\n"));
  EXPECT_TRUE(uut.at_line_start());
}

TEST_F(log_file_test, grows_by_what_it_takes_from_a_pipe) {
  auto uut = logged("1", {});
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  unique_fd out{ends[0]};
  unique_fd in{ends[1]};
  ASSERT_EQ(::write(in.get(), "2345", 4), 4);
  EXPECT_EQ(uut.take(out.get(), 3), 3);
  EXPECT_EQ(uut.size(), 4u);
  EXPECT_EQ(file_content(name("a.log")), "1234");
  EXPECT_EQ(uut.take(out.get(), 3), 1);
  EXPECT_EQ(uut.take(out.get(), 3), -EAGAIN);
  in.reset();
  EXPECT_EQ(uut.take(out.get(), 3), 0);
}

TEST_F(log_file_test, appends_all_or_nothing) {
  auto uut = logged("12345", {});
  test::resource_limit disk{RLIMIT_FSIZE, 8};
  auto done = uut.append("6789"); // three bytes would fit
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().detail.find("a.log"), std::string::npos);
  EXPECT_EQ(file_content(name("a.log")), "12345");
  EXPECT_EQ(uut.size(), 5u);
  ASSERT_TRUE(uut.append("678"));
  EXPECT_EQ(file_content(name("a.log")), "12345678");
}

TEST_F(log_file_test, rotates_into_numbered_files) {
  auto uut = logged("1", {100, 2});
  for (auto text : {"2", "3", "4"}) {
    ASSERT_TRUE(uut.rotate());
    EXPECT_EQ(uut.size(), 0u);
    ASSERT_TRUE(uut.append(text));
  }
  EXPECT_EQ(file_content(name("a.log")), "4");
  EXPECT_EQ(file_content(name("a.log.1")), "3");
  EXPECT_EQ(file_content(name("a.log.2")), "2");
  EXPECT_FALSE(fs::exists(name("a.log.3")));
  EXPECT_EQ(mode(name("a.log")), mode(name("a.log.1")));
}

TEST_F(log_file_test, empties_the_file_when_no_old_ones_are_kept) {
  auto uut = logged("1", {100, 0});
  ASSERT_TRUE(uut.rotate());
  EXPECT_EQ(uut.size(), 0u);
  ASSERT_TRUE(uut.append("2"));
  EXPECT_EQ(file_content(name("a.log")), "2");
  EXPECT_FALSE(fs::exists(name("a.log.1")));
}

TEST_F(log_file_test, removes_old_files_when_fewer_are_kept) {
  auto uut = logged("1", {100, 4});
  for (auto i = 0; i < 4; ++i)
    ASSERT_TRUE(uut.rotate());
  uut.limit({100, 2});
  ASSERT_TRUE(uut.rotate());
  EXPECT_TRUE(fs::exists(name("a.log.2")));
  EXPECT_FALSE(fs::exists(name("a.log.3")));
  EXPECT_FALSE(fs::exists(name("a.log.4")));
}

TEST_F(log_file_test, pushes_nothing_out_while_a_number_is_free) {
  dir.write("a.log.1", "one");
  dir.write("a.log.3", "three"); // killed between two renames
  auto uut = logged("now", {100, 3});
  ASSERT_TRUE(uut.rotate());
  EXPECT_EQ(file_content(name("a.log.1")), "now");
  EXPECT_EQ(file_content(name("a.log.2")), "one");
  EXPECT_EQ(file_content(name("a.log.3")), "three");
}

TEST_F(log_file_test, is_empty_and_alone_when_it_is_cleared) {
  dir.write("a.log.1", "one");
  dir.write("a.log.3", "three"); // killed between two renames
  dir.write("a.log.4", "of a time when more were kept");
  auto uut = logged("now", {3, 3});
  EXPECT_EQ(uut.room(), 0u);
  ASSERT_TRUE(uut.clear());
  EXPECT_EQ(uut.room(), 3u);
  EXPECT_EQ(file_content(name("a.log")), "");
  for (auto old : {"a.log.1", "a.log.3", "a.log.4"})
    EXPECT_FALSE(fs::exists(name(old))) << old;
  ASSERT_TRUE(uut.append("new"));
  EXPECT_EQ(file_content(name("a.log")), "new");
}

TEST_F(log_file_test, goes_on_in_the_old_file_when_it_cannot_be_renamed) {
  fs::create_directory(name("a.log.1"));
  auto uut = logged("12345678", {8, 1});
  EXPECT_EQ(uut.room(), 0u);
  auto done = uut.rotate();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::io);
  EXPECT_EQ(uut.room(), 8u);
  ASSERT_TRUE(uut.append("9"));
  EXPECT_EQ(file_content(name("a.log")), "123456789");
}

TEST_F(log_file_test, takes_the_old_file_back_when_no_new_one_opens) {
  auto uut = logged("1", {1, 2});
  {
    test::resource_limit descriptors{RLIMIT_NOFILE, 0};
    ASSERT_FALSE(uut.rotate());
  }
  ASSERT_TRUE(uut.append("2"));
  EXPECT_EQ(file_content(name("a.log")), "12");
  EXPECT_FALSE(fs::exists(name("a.log.1")));
}

TEST_F(log_file_test, gives_the_last_line_some_room_beyond_the_size) {
  auto uut = logged("1234567890", {64, 1});
  EXPECT_EQ(uut.room(), 54u);
  EXPECT_EQ(uut.last_room(), 62u);
  uut.limit({10'000'000, 1});
  EXPECT_EQ(uut.last_room(), uut.room() + 65'536);
  uut.limit({0, 1});
  EXPECT_GT(uut.room(), std::uint64_t{1} << 62);
  EXPECT_EQ(uut.last_room(), uut.room());
}

class tail_test : public log_file_test {
protected:
  std::string
  last(const std::string& text, std::size_t lines, std::size_t bytes = 1'000) {
    dir.write("a.log", text);
    auto x = tail(name("a.log"), lines, bytes);
    EXPECT_TRUE(x);
    return x ? *x : "";
  }
};

TEST_F(tail_test, gives_the_last_lines_as_they_are) {
  EXPECT_EQ(last("a\nb\nc\n", 1), "c\n");
  EXPECT_EQ(last("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(last("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(last("a\n\n\n", 2), "\n\n");
  EXPECT_EQ(last("a\nb\n", 7), "a\nb\n");
  EXPECT_EQ(last("a\nb\n", 0), "");
  EXPECT_EQ(last("", 3), "");
}

TEST_F(tail_test, gives_no_more_than_was_asked_for) {
  EXPECT_EQ(last("abcdefgh\n", 1, 4), "fgh\n");
  EXPECT_EQ(last("abcdefgh\nij\n", 2, 6), "gh\nij\n");
  EXPECT_EQ(last("abcdefgh\n", 1, 0), "");
}

TEST_F(tail_test, keeps_every_byte) {
  std::string bytes;
  for (auto i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  EXPECT_EQ(last(bytes, 2), bytes);
}

TEST_F(tail_test, reads_on_in_the_file_before) {
  dir.write("a.log.1", "a\nb\n");
  EXPECT_EQ(last("", 1), "b\n");
  EXPECT_EQ(last("c\n", 2), "b\nc\n");
  EXPECT_EQ(last("c\n", 9), "a\nb\nc\n");
  EXPECT_EQ(last("c\n", 9, 3), "\nc\n");
  EXPECT_EQ(last("c\nd\n", 2), "c\nd\n");
  fs::remove(name("a.log")); // killed between rename and open
  EXPECT_EQ(*tail(name("a.log"), 1, 100), "b\n");
}

TEST_F(tail_test, says_what_it_cannot_read) {
  EXPECT_EQ(tail(name("a.log"), 1, 9).error().code, errc::not_found);
  fs::create_symlink("/etc/passwd", name("a.log"));
  EXPECT_EQ(tail(name("a.log"), 1, 9).error().code, errc::refused);
  EXPECT_EQ(tail("/dev/zero", 1, 9).error().code, errc::refused);
  ASSERT_EQ(::mkfifo(name("fifo").c_str(), 0600), 0);
  EXPECT_EQ(tail(name("fifo"), 1, 9).error().code, errc::refused); // at once
}

} // namespace
} // namespace saker::process
