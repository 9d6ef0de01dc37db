#include "process/proc_limits.hpp"

#include "tests/process/children.hpp"

#include <sys/resource.h>

namespace saker::process {
namespace {

using namespace test;

constexpr std::string_view limits
  = "Limit                     Soft Limit        "
    "   Hard Limit           Units\n"
    "Max file size             unlimited         "
    "   unlimited            bytes\n"
    "Max file locks            17                "
    "   unlimited            locks\n"
    "Max file locks more       18                "
    "   unlimited            locks\n";

TEST(proc_limits_test, reads_the_soft_limit_of_the_row_of_that_name) {
  EXPECT_EQ(parse_soft_limit(limits, "Max file locks"), 17u);
  EXPECT_EQ(parse_soft_limit(limits, "Max file locks more"), 18u);
}

TEST(proc_limits_test, is_nothing_where_there_is_no_number) {
  EXPECT_FALSE(parse_soft_limit(limits, "Max file size"));
  EXPECT_FALSE(parse_soft_limit(limits, "Max file"));
  EXPECT_FALSE(parse_soft_limit(limits, "file locks"));
  EXPECT_FALSE(parse_soft_limit("", "Max file locks"));
  EXPECT_FALSE(parse_soft_limit("Max file locks 99999999999999999999 1 x\n",
                                "Max file locks"));
}

TEST(proc_limits_test, survives_a_cut_at_any_place) {
  auto row = limits.substr(limits.find("Max file locks"));
  row = row.substr(0, row.find("unlimited"));
  for (std::size_t size = 0; size < row.size(); ++size) {
    auto found = parse_soft_limit(row.substr(0, size), "Max file locks");
    EXPECT_TRUE(!found || *found == 17) << size;
  }
}

class proc_limits_of_test : public spawning_test {};

TEST_F(proc_limits_of_test, is_inherited_and_seen_on_a_zombie_too) {
  auto what = shell("setsid sh -c 'echo $$; kill -STOP $$'; :");
  what.limits = {{RLIMIT_LOCKS, 4711}};
  auto& child = run(what);
  auto grandchild = std::stoi(line());
  EXPECT_EQ(lock_limit_of(child.pid), 4711u);
  EXPECT_EQ(lock_limit_of(grandchild), 4711u);
  auto known = open_process(grandchild);
  ASSERT_TRUE(known);
  signal_process(known->pidfd.get(), SIGKILL);
  ASSERT_TRUE(await_readable(child.pidfd.get()));
  EXPECT_EQ(lock_limit_of(child.pid), 4711u); // not reaped yet
  EXPECT_FALSE(lock_limit_of(0x7fffffff));
}

TEST_F(proc_limits_of_test, knows_how_many_files_a_process_may_open) {
  auto what = shell("kill -STOP $$");
  what.limits = {{RLIMIT_NOFILE, 123, 456}};
  EXPECT_EQ(nofile_limit_of(run(what).pid), 123u);
  EXPECT_FALSE(nofile_limit_of(0x7fffffff));
}

} // namespace
} // namespace saker::process
