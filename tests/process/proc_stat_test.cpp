#include "process/proc_stat.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <set>

#include <unistd.h>

namespace saker::process {
namespace {

TEST(each_number_test, visits_the_names_that_are_numbers) {
  test::temporary_directory dir;
  for (auto name : {"3", "41", "x", ".5", "6x"})
    dir.write(name, "");
  std::set<int> seen;
  ASSERT_TRUE(each_number(
    dir.path(), [&seen](int number) { return seen.insert(number).second; }));
  EXPECT_EQ(seen, (std::set{3, 41}));
}

TEST(each_number_test, ends_when_the_visitor_says_so) {
  test::temporary_directory dir;
  for (auto name : {"1", "2", "3"})
    dir.write(name, "");
  auto visits = 0;
  ASSERT_TRUE(each_number(dir.path(), [&visits](int) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
}

TEST(each_number_test, names_a_folder_that_is_not_there) {
  auto done = each_number("/none/such", [](int) { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "open /none/such: No such file or directory");
}

} // namespace
} // namespace saker::process
