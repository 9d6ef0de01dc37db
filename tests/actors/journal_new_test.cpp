// The first journal of all: how often its start waits for the disk.
#include "actors/journal_store.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<int> waits_for_disk{0};
std::atomic<bool> disk_is_sick{false};

} // namespace

// In place of those of libc, also for SQLite.
extern "C" int fsync(int fd) {
  ++waits_for_disk;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int fdatasync(int fd) {
  ++waits_for_disk;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

extern "C" int lstat(const char* path, struct stat* into) noexcept {
  if (!disk_is_sick)
    return ::fstatat(AT_FDCWD, path, into, AT_SYMLINK_NOFOLLOW);
  errno = EIO;
  return -1;
}

namespace saker {
namespace {

class journal_new_test : public ::testing::Test {
protected:
  int waits_of_start(std::uint64_t until) {
    auto before = waits_for_disk.load();
    auto store = journal_store::open(file, notice);
    EXPECT_TRUE(store && store->reserve("b1", {700, until}));
    return waits_for_disk - before;
  }

  test::temporary_directory dir;
  std::filesystem::path file = dir.path() / "journal.db";
  std::string notice;
};

TEST_F(journal_new_test, waits_for_the_disk_as_often_as_it_must) {
  // The tables and their name; what is reserved, the name of that file.
  auto first = waits_of_start(20'000);
  EXPECT_GT(first, 2) << "or it measures nothing";
  EXPECT_LE(first, 6);
  auto again = waits_of_start(30'000);
  EXPECT_GT(again, 0);
  EXPECT_LE(again, first - 2);
  EXPECT_EQ(notice, "");
}

TEST_F(journal_new_test, is_whole_and_for_nobody_else) {
  dir.write("journal.db.new", "what a power cut left");
  auto store = journal_store::open(file, notice);
  ASSERT_TRUE(store);
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "journal.db.new"));
  struct stat x = {};
  ASSERT_EQ(::stat(file.c_str(), &x), 0);
  EXPECT_EQ(x.st_mode & 0777u, 0600u);
  ASSERT_TRUE(store->want({{"web", true, "root", 1}}));
  EXPECT_EQ(store->all_wanted()->size(), 1u);
  EXPECT_EQ(notice, "");
}

TEST_F(journal_new_test, has_nothing_of_one_that_was_removed) {
  {
    auto store = journal_store::open(file, notice);
    ASSERT_TRUE(store && store->want({{"web", true, "root", 1}}));
    for (auto end : {"-wal", "-shm"})
      std::filesystem::copy_file(file.string() + end,
                                 dir.path() / (std::string{"kept"} + end));
  }
  std::filesystem::remove(file);
  for (auto end : {"-wal", "-shm"})
    std::filesystem::rename(dir.path() / (std::string{"kept"} + end),
                            file.string() + end);
  auto store = journal_store::open(file, notice);
  ASSERT_TRUE(store);
  EXPECT_TRUE(store->all_wanted()->empty());
  EXPECT_TRUE(store->want({{"db", true, "root", 1}}));
  EXPECT_EQ(notice, "");
}

TEST_F(journal_new_test, is_not_made_where_one_may_be) {
  {
    auto store = journal_store::open(file, notice);
    ASSERT_TRUE(store && store->want({{"web", true, "root", 1}}));
  }
  disk_is_sick = true;
  (void)journal_store::open(file, notice);
  disk_is_sick = false;
  auto store = journal_store::open(file, notice);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->all_wanted()->size(), 1u);
}

TEST_F(journal_new_test, takes_nobody_elses_place) {
  std::filesystem::create_symlink(dir.path() / "nowhere", file);
  EXPECT_FALSE(journal_store::open(file, notice));
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "nowhere"));
  EXPECT_TRUE(std::filesystem::is_symlink(file));
}

} // namespace
} // namespace saker
