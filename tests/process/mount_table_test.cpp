#include "process/mount_table.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace saker::process {
namespace {

constexpr std::uint64_t device(std::uint64_t major, std::uint64_t minor) {
  return major << 32 | minor;
}

constexpr auto mounts
  = "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "30 27 0:40 / /mnt rw - tmpfs tmpfs rw\n"
    "31 30 0:41 / /mnt/nfs rw - nfs4 host:/x rw\n"
    "32 30 0:42 / /mnt/a\\040b\\134 rw - tmpfs tmpfs rw\n";

TEST(mount_table_test, finds_the_file_system_of_a_path) {
  auto uut = mount_table::parse(mounts);
  EXPECT_EQ(uut.device_of("/var/log/x"), device(254, 0));
  EXPECT_EQ(uut.device_of("/"), device(254, 0));
  EXPECT_EQ(uut.device_of("/mnt/x/y"), device(0, 40));
  EXPECT_EQ(uut.device_of("/mnt"), device(0, 40));
  EXPECT_EQ(uut.device_of("/mnt/nfs/x"), device(0, 41));
  EXPECT_EQ(uut.device_of("/mnt/nfsx"), device(0, 40));
  EXPECT_EQ(uut.device_of("/mnt2"), device(254, 0));
}

TEST(mount_table_test, reads_names_with_blanks) {
  auto uut = mount_table::parse(mounts);
  EXPECT_EQ(uut.device_of("/mnt/a b\\/x"), device(0, 42));
}

TEST(mount_table_test, sees_the_topmost_of_those_on_one_place) {
  auto uut = mount_table::parse(std::string{mounts}
                                + "33 31 0:43 / /mnt/nfs rw - tmpfs t rw\n");
  EXPECT_EQ(uut.device_of("/mnt/nfs/x"), device(0, 43));
}

TEST(mount_table_test, knows_nothing_where_nothing_can_be_read) {
  for (auto x : {"", "\n\n", "what is this", "1 2 3 4 5", "1 2 0:x / / rw",
                 "1 2 0:3 / relative rw"})
    EXPECT_EQ(mount_table::parse(x).device_of("/x"), 0u) << x;
}

TEST(mount_table_test, says_the_same_as_the_kernel) {
  auto uut = mount_table::read();
  ASSERT_TRUE(uut);
  for (auto path : {"/proc/self", "/dev/null"}) {
    struct stat about {};
    ASSERT_EQ(::stat(path, &about), 0);
    EXPECT_EQ(uut->device_of(path),
              device(major(about.st_dev), minor(about.st_dev)))
      << path;
  }
}

} // namespace
} // namespace saker::process
