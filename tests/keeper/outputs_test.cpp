#include "keeper/outputs.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::keeper {
namespace {

using link::output_mode;

class outputs_test : public testing::Test {
protected:
  /// What a child of that specification would do.
  void write(const process::output& to, std::string_view text) {
    unique_fd fd{::open(to.path.c_str(), O_RDWR | O_CLOEXEC)};
    ASSERT_TRUE(fd);
    ASSERT_EQ(::write(fd.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }

  static std::string read(const unique_fd& fd) {
    char buffer[100];
    auto got = ::read(fd.get(), buffer, sizeof(buffer));
    return {buffer, got > 0 ? static_cast<std::size_t>(got) : 0};
  }

  test::temporary_directory folder;
  outputs uut{folder.path()};
  process::spec what;
};

TEST_F(outputs_test, what_was_written_waits_for_a_reader) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  EXPECT_EQ(what.out.kind, process::output_kind::fifo);
  EXPECT_FALSE(what.err);
  write(what.out, "hello"); // and closes it
  auto fds = uut.readers("a#0");
  ASSERT_EQ(fds.size(), 1u);
  EXPECT_EQ(read(fds[0]), "hello");
}

TEST_F(outputs_test, the_next_child_goes_on_where_the_last_one_was) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  auto fds = uut.readers("a#0");
  write(what.out, "one ");
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  write(what.out, "two");
  EXPECT_EQ(read(fds[0]), "one two");
}

TEST_F(outputs_test, a_name_that_was_taken_away_is_made_anew) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  ASSERT_EQ(::unlink(what.out.path.c_str()), 0);
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  write(what.out, "again");
  EXPECT_EQ(read(uut.readers("a#0").at(0)), "again");
}

TEST_F(outputs_test, a_directory_that_was_taken_away_is_made_anew) {
  outputs deep{folder.path() / "run"};
  ASSERT_TRUE(deep.prepare("a#0", output_mode::merged, what));
  ASSERT_EQ(std::filesystem::remove_all(folder.path() / "run"), 3u);
  ASSERT_TRUE(deep.prepare("a#0", output_mode::merged, what));
  write(what.out, "again");
  EXPECT_EQ(read(deep.readers("a#0").at(0)), "again");
}

TEST_F(outputs_test, a_directory_that_others_may_write_is_refused) {
  auto path = folder.path() / "run";
  ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
  auto refused = outputs{path}.prepare("a#0", output_mode::merged, what);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_permitted);
}

TEST_F(outputs_test, split_has_two_and_none_has_none) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::split, what));
  ASSERT_TRUE(what.err);
  write(*what.err, "err");
  auto fds = uut.readers("a#0");
  ASSERT_EQ(fds.size(), 2u);
  EXPECT_EQ(read(fds[1]), "err");
  auto paths = std::pair{what.out.path, what.err->path};
  what = {};
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  EXPECT_EQ(uut.readers("a#0").size(), 1u);
  EXPECT_NE(::access(paths.second.c_str(), F_OK), 0);
  what = {};
  ASSERT_TRUE(uut.prepare("a#0", output_mode::none, what));
  EXPECT_EQ(what.out.kind, process::output_kind::null);
  EXPECT_TRUE(uut.readers("a#0").empty());
  EXPECT_NE(::access(paths.first.c_str(), F_OK), 0);
}

TEST_F(outputs_test, a_later_keeper_opens_it_by_name) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  unique_fd child{::open(what.out.path.c_str(), O_RDWR | O_CLOEXEC)};
  write(what.out, "before");
  uut = outputs{folder.path()}; // the keeper is gone, the child is not
  ASSERT_TRUE(uut.reopen("a#0", output_mode::merged, 0));
  EXPECT_EQ(read(uut.readers("a#0").at(0)), "before");
  auto nothing = uut.reopen("b#0", output_mode::merged, 0);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, errc::not_found);
}

TEST_F(outputs_test, what_is_thrown_away_is_counted_once) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  write(what.out, "1234567");
  uut.drain();
  write(what.out, "89");
  uut.drain();
  EXPECT_EQ(uut.take_lost("a#0"), 9u);
  EXPECT_EQ(uut.take_lost("a#0"), 0u);
  EXPECT_EQ(uut.take_lost("b#0"), 0u);
  EXPECT_EQ(read(uut.readers("a#0").at(0)), "");
}

TEST_F(outputs_test, a_dropped_one_leaves_no_file) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::split, what));
  uut.drop("a#0");
  uut.drop("never#0");
  EXPECT_NE(::access(what.out.path.c_str(), F_OK), 0);
  EXPECT_NE(::access(what.err->path.c_str(), F_OK), 0);
  EXPECT_TRUE(uut.empty());
}

TEST_F(outputs_test, what_the_node_could_not_say_is_told_with_what_we_lost) {
  ASSERT_TRUE(uut.prepare("a#0", output_mode::merged, what));
  uut.set_lost("a#0", 7);
  uut.set_lost("a#0", 5);
  uut.set_lost("b#0", 9); // unknown
  auto fds = uut.readers("a#0");
  write(what.out, "hello");
  uut.drain();
  EXPECT_EQ(uut.take_lost("a#0"), 10u);
  EXPECT_EQ(uut.take_lost("a#0"), 0u);
  EXPECT_EQ(uut.take_lost("b#0"), 0u);
}

} // namespace
} // namespace saker::keeper
