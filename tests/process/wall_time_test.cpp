#include "process/wall_time.hpp"

#include "process/proc_table.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include <sys/wait.h>
#include <unistd.h>

namespace saker::process {
namespace {

TEST(wall_time_test, is_written_in_utc) {
  EXPECT_EQ(utc_text(0), "1970-01-01 00:00:00Z");
  EXPECT_EQ(utc_text(1'714'557'600), "2024-05-01 10:00:00Z");
  EXPECT_EQ(utc_text(INT64_MAX), std::to_string(INT64_MAX));
}

TEST(wall_time_test, tells_when_a_process_began) {
  auto child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  auto now = std::time(nullptr);
  auto entry = find_process(child);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ASSERT_TRUE(entry);
  auto began = wall_time_of(entry->start_time);
  ASSERT_TRUE(began);
  EXPECT_NEAR(static_cast<double>(*began), static_cast<double>(now), 2);
}

} // namespace
} // namespace saker::process
