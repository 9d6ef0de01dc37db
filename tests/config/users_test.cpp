#include "config/users.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace saker::config {
namespace {

TEST(users_test, reads_again_whatever_it_may_keep) {
  test::temporary_directory dir;
  // Twice what other files may have.
  std::vector<std::string> lines(2, "user a on" + std::string(1 << 20, ' '));
  auto text = users_text(lines);
  ASSERT_TRUE(text);
  auto again = read_users(dir.write("users.acl", *text));
  ASSERT_TRUE(again) << again.error().detail;
  lines.emplace_back(); // behind the last line
  EXPECT_EQ(*again, lines);
}

TEST(users_test, keeps_nothing_that_it_could_not_read) {
  std::vector<std::string> lines{std::string(1023, 'x')};
  EXPECT_TRUE(users_text(lines, 1024));
  lines.emplace_back();
  auto text = users_text(lines, 1024);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, errc::limit);
}

TEST(users_test, has_no_lines_without_a_file) {
  test::temporary_directory dir;
  auto none = read_users(dir.path() / "users.acl");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST(users_test, counts_of_each_user_the_last_line_that_is_whole) {
  using lines = std::vector<std::string>;
  EXPECT_EQ(newest_users({"user a on", "user b on", "user a off", ""}),
            (lines{"user b on", "user a off"}));
  EXPECT_EQ(newest_users({"user a on", "user b on", "deluser a", ""}),
            lines{"user b on"});
  EXPECT_EQ(newest_users({"user a on", "deluser a", "user a off", ""}),
            lines{"user a off"});
  EXPECT_EQ(newest_users({"user a on", "deluser a"}), lines{"user a on"});
  // The node ended while it wrote.
  EXPECT_EQ(newest_users({"user a on", "user a of"}), lines{"user a on"});
  EXPECT_EQ(newest_users({"user a on"}), lines{});
  EXPECT_EQ(newest_users({}), lines{});
  // What is no line of a user stays, to be refused.
  EXPECT_EQ(newest_users({"x", "user", "user a on", "x", ""}),
            (lines{"x", "user", "user a on", "x"}));
}

} // namespace
} // namespace saker::config
