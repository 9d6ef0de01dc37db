#include "process/reserved_fds.hpp"

#include "tests/process/children.hpp"

namespace saker::process {
namespace {

using namespace test;

TEST(reserved_fds_test, keeps_new_descriptors_out_of_the_childrens_way) {
  the_spawner();
  unique_fd fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_GT(fd.get(), reserved_fds::last);
  EXPECT_TRUE(the_spawner().check());
}

TEST(reserved_fds_test, names_the_descriptor_that_would_leak) {
  the_spawner();
  unique_fd fd{::open("/etc/passwd", O_RDONLY)};
  auto verdict = the_spawner().check();
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, errc::refused);
  EXPECT_NE(verdict.error().detail.find("/etc/passwd"), std::string::npos);
}

TEST(reserved_fds_test, notices_that_a_number_was_taken_away) {
  the_spawner();
  unique_fd keep{::fcntl(5, F_DUPFD_CLOEXEC, 14)};
  ::close(5);
  EXPECT_FALSE(the_spawner().check());
  EXPECT_EQ(::dup3(keep.get(), 5, O_CLOEXEC), 5);
  EXPECT_TRUE(the_spawner().check());
}

TEST(move_up_test, leaves_nothing_at_the_low_number) {
  the_spawner();
  ::close(7);
  unique_fd low{::open("/etc/passwd", O_RDONLY)};
  ASSERT_EQ(low.get(), 7);
  auto high = move_up(std::move(low));
  ASSERT_TRUE(high);
  EXPECT_GT(high->get(), reserved_fds::last);
  EXPECT_TRUE(::fcntl(high->get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_LT(::fcntl(7, F_GETFD), 0);
  EXPECT_EQ(::open("/dev/null", O_RDWR | O_CLOEXEC), 7);
}

TEST(move_up_test, keeps_a_high_number_and_makes_it_cloexec) {
  the_spawner();
  unique_fd fd{::open("/dev/null", O_RDONLY)};
  auto number = fd.get();
  auto moved = move_up(std::move(fd));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->get(), number);
  EXPECT_TRUE(::fcntl(number, F_GETFD) & FD_CLOEXEC);
}

TEST(move_up_test, refuses_what_is_not_open) {
  EXPECT_FALSE(move_up(unique_fd{}));
}

} // namespace
} // namespace saker::process
