#include "process/open_files.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace saker::process {
namespace {

using namespace std::chrono_literals;

class open_files_test : public ::testing::Test {
protected:
  std::shared_ptr<log_file> use(const std::string& name) {
    auto file = std::make_shared<log_file>(dir.path() / name, rotation{});
    EXPECT_TRUE(file->open(now));
    uut.used(file);
    return file;
  }

  /// Names of the files that have a descriptor.
  std::vector<std::string> open() const {
    std::vector<std::string> found;
    for (auto& x : std::filesystem::directory_iterator{"/proc/self/fd"}) {
      std::error_code gone;
      auto to = std::filesystem::read_symlink(x.path(), gone);
      if (!gone && to.parent_path() == dir.path())
        found.push_back(to.filename());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  using names = std::vector<std::string>;

  test::temporary_directory dir;
  log_file::time_point now{1h};
  open_files uut{3};
};

TEST_F(open_files_test, closes_the_one_that_was_not_used_for_the_longest_time) {
  auto a = use("a");
  auto b = use("b");
  auto c = use("c");
  EXPECT_EQ(open(), (names{"a", "b", "c"}));
  uut.used(a);
  auto d = use("d");
  EXPECT_EQ(open(), (names{"a", "c", "d"}));
  ASSERT_TRUE(b->open(now));
  ASSERT_TRUE(b->append("goes on\n"));
  uut.used(b);
  EXPECT_EQ(open(), (names{"a", "b", "d"}));
}

TEST_F(open_files_test, does_not_count_what_is_gone) {
  auto a = use("a");
  use("b");
  use("c");
  auto d = use("d");
  EXPECT_EQ(open(), (names{"a", "d"}));
}

} // namespace
} // namespace saker::process
