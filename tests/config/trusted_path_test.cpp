#include "config/trusted_path.hpp"

#include "config/own_directory.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::config {
namespace {

using test::temporary_directory;

namespace fs = std::filesystem;

void chmod(const fs::path& path, unsigned mode) {
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

std::string path_complaint(const fs::path& path) {
  auto x = trusted_path(path);
  return x ? "trusted" : x.error().detail;
}

class trusted_path_test : public ::testing::Test {
protected:
  /// Only root can give a file away.
  bool give_away(const fs::path& path) {
    return ::geteuid() == 0 && ::lchown(path.c_str(), 4711, 4711) == 0;
  }

  temporary_directory dir;
};

TEST_F(trusted_path_test, trusts_what_only_we_can_change) {
  EXPECT_EQ(path_complaint(dir.write("a", "")), "trusted");
  EXPECT_EQ(path_complaint(dir.path()), "trusted");
  EXPECT_EQ(path_complaint("/"), "trusted");
}

TEST_F(trusted_path_test, a_sticky_parent_is_safe) {
  auto shared = dir.path() / "shared";
  fs::create_directory(shared);
  chmod(shared, 01777);
  EXPECT_EQ(path_complaint(dir.write("shared/a", "")), "trusted");
  chmod(shared, 0777);
  EXPECT_EQ(path_complaint(shared / "a"),
            "directory " + shared.string()
              + " may be written by everybody (mode 0777); type: chmod o-w "
              + shared.string());
}

TEST_F(trusted_path_test, a_file_that_a_group_may_write_is_not) {
  auto file = dir.write("a", "");
  chmod(file, 0664);
  ASSERT_EQ(::chown(file.c_str(), ::geteuid(), 100), ::geteuid() == 0 ? 0 : -1);
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs a second group";
  EXPECT_EQ(path_complaint(file),
            file.string()
              + " may be written by its group (mode 0664); "
                "type: chmod g-w "
              + file.string());
}

TEST_F(trusted_path_test, the_private_group_of_the_owner_may_write) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs root, whose group has no other members";
  auto file = dir.write("a", "");
  chmod(file, 0664);
  EXPECT_EQ(path_complaint(file), "trusted");
}

TEST_F(trusted_path_test, a_file_of_somebody_else_is_not) {
  auto file = dir.write("it's", "");
  if (!give_away(file))
    GTEST_SKIP() << "needs root";
  EXPECT_EQ(path_complaint(file),
            file.string()
              + " belongs to 4711, who could change it; type: chown root '"
              + dir.path().string() + "/it'\\''s'");
  EXPECT_TRUE(trusted_path(file, 4711));
}

TEST_F(trusted_path_test, a_parent_of_somebody_else_is_not) {
  auto home = dir.path() / "home";
  fs::create_directory(home);
  auto file = dir.write("home/a", "");
  if (!give_away(home))
    GTEST_SKIP() << "needs root";
  EXPECT_EQ(path_complaint(file),
            "directory " + home.string()
              + " belongs to 4711, who could change it; move " + file.string()
              + " elsewhere, or type: chown root " + home.string());
}

TEST_F(trusted_path_test, follows_links_and_looks_at_both_ends) {
  auto file = dir.write("a", "");
  auto link = dir.path() / "link";
  fs::create_symlink("../" + dir.path().filename().string() + "/./a", link);
  EXPECT_EQ(path_complaint(link), "trusted");
  chmod(file, 0646);
  EXPECT_NE(path_complaint(link), "trusted");
  chmod(file, 0644);
  if (!give_away(link))
    GTEST_SKIP() << "needs root";
  EXPECT_NE(path_complaint(link).find("link belongs to 4711"),
            std::string::npos);
}

TEST_F(trusted_path_test, does_not_walk_in_circles) {
  fs::create_symlink("b", dir.path() / "a");
  fs::create_symlink("a", dir.path() / "b");
  EXPECT_EQ(path_complaint(dir.path() / "a"),
            "follow " + (dir.path() / "a").string()
              + ": Too many levels of symbolic links");
}

TEST_F(trusted_path_test, names_what_is_not_there) {
  EXPECT_EQ(path_complaint(dir.path() / "none" / "a"),
            "look at " + (dir.path() / "none").string()
              + ": No such file or directory");
}

// -- own_directory ---------------------------------------------------------------

class own_directory_test : public trusted_path_test {
protected:
  unsigned mode(const fs::path& path) {
    struct stat info {};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0);
    return info.st_mode & 07777;
  }
};

TEST_F(own_directory_test, makes_it_with_all_parents_whatever_the_umask) {
  auto before = ::umask(0777);
  auto made = own_directory(dir.path() / "a/b/c", 0755);
  ::umask(before);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(mode(dir.path() / "a"), 0755u);
  EXPECT_EQ(mode(dir.path() / "a/b/c"), 0755u);
}

TEST_F(own_directory_test, accepts_its_own_again) {
  ASSERT_TRUE(own_directory(dir.path() / "a", 0700));
  EXPECT_TRUE(own_directory(dir.path() / "a", 0700));
  EXPECT_TRUE(own_directory(dir.path() / "a/", 0700));
}

TEST_F(own_directory_test, refuses_one_that_others_may_write) {
  auto path = dir.path() / "a";
  ASSERT_TRUE(own_directory(path, 0700));
  chmod(path, 01777);
  auto again = own_directory(path, 0700);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().detail, "use directory " + path.string()
                                    + ": others may write it; type: chmod go-w "
                                    + path.string());
}

TEST_F(own_directory_test, refuses_a_link_and_a_file) {
  fs::create_directory(dir.path() / "target");
  fs::create_symlink("target", dir.path() / "link");
  EXPECT_FALSE(own_directory(dir.path() / "link", 0700));
  dir.write("file", "");
  EXPECT_EQ(own_directory(dir.path() / "file", 0700).error().detail,
            "open directory " + (dir.path() / "file").string()
              + ": Not a directory");
}

TEST_F(own_directory_test, refuses_one_of_somebody_else) {
  auto path = dir.path() / "a";
  ASSERT_TRUE(own_directory(path, 0700));
  if (!give_away(path))
    GTEST_SKIP() << "needs root";
  EXPECT_EQ(own_directory(path, 0700).error().detail,
            "use directory " + path.string()
              + ": it belongs to uid 4711; remove it, or type: chown 0 "
              + path.string());
}

} // namespace
} // namespace saker::config
