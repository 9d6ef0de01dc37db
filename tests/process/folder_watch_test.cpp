#include "process/folder_watch.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace saker::process {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using news = folder_watch::news;

/// In a folder whose file system the kernel tells of; all that is waited for has
/// happened before.
class folder_watch_test : public ::testing::Test {
protected:
  folder_watch_test() {
    fs::create_directory(dir);
  }

  test::temporary_directory root;
  fs::path dir = root.path() / "scripts";
};

TEST_F(folder_watch_test, tells_of_each_kind_of_change) {
  auto x = folder_watch::make(dir);
  ASSERT_TRUE(x) << x.error().detail;
  root.write("scripts/a.lua", "1");
  EXPECT_EQ(x->wait(0ms), news::changed);
  root.write("scripts/a.lua", "2");
  EXPECT_EQ(x->wait(0ms), news::changed);
  fs::rename(dir / "a.lua", dir / "b.lua");
  EXPECT_EQ(x->wait(0ms), news::changed);
  fs::permissions(dir / "b.lua", fs::perms{0600});
  EXPECT_EQ(x->wait(0ms), news::changed);
  fs::rename(dir / "b.lua", root.path() / "b.lua");
  EXPECT_EQ(x->wait(0ms), news::changed);
  fs::rename(root.path() / "b.lua", dir / "b.lua");
  EXPECT_EQ(x->wait(0ms), news::changed);
  fs::remove(dir / "b.lua");
  EXPECT_EQ(x->wait(0ms), news::changed);
}

TEST_F(folder_watch_test, takes_many_changes_for_one) {
  auto x = folder_watch::make(dir);
  ASSERT_TRUE(x);
  for (auto i = 0; i < 1000; ++i)
    root.write("scripts/" + std::to_string(i), "x");
  EXPECT_EQ(x->wait(0ms), news::changed);
  fs::remove_all(dir);
  EXPECT_EQ(x->wait(0ms), news::lost);
}

TEST_F(folder_watch_test, knows_when_it_is_not_that_folder_any_more) {
  auto x = folder_watch::make(dir);
  ASSERT_TRUE(x);
  fs::rename(dir, root.path() / "old");
  EXPECT_EQ(x->wait(0ms), news::lost);
}

TEST_F(folder_watch_test, waits_for_a_folder_that_is_not_there_yet) {
  fs::remove(dir);
  auto x = folder_watch::make_for(dir);
  ASSERT_TRUE(x);
  fs::create_directory(dir);
  EXPECT_EQ(x->wait(0ms), news::lost);
  x = folder_watch::make_for(dir);
  ASSERT_TRUE(x);
  root.write("scripts/a.lua", "1");
  EXPECT_EQ(x->wait(0ms), news::changed);
  EXPECT_FALSE(folder_watch::make_for(root.path() / "no" / "where"));
}

TEST_F(folder_watch_test, watches_nothing_that_may_change_unseen) {
  fs::create_directory_symlink(dir, root.path() / "link");
  auto by_link = folder_watch::make(root.path() / "link");
  ASSERT_FALSE(by_link);
  EXPECT_EQ(by_link.error().code, errc::unsupported);
  EXPECT_FALSE(folder_watch::make(root.path() / "link" / "inside"));
  EXPECT_FALSE(folder_watch::make("/proc/self"));
  EXPECT_FALSE(folder_watch::make("/proc"));
  EXPECT_FALSE(folder_watch::make(root.path() / "nowhere"));
  EXPECT_FALSE(folder_watch::make(root.write("file", "")));
}

} // namespace
} // namespace saker::process
