#include "process/output_fifo.hpp"

#include "tests/process/children.hpp"

#include <fstream>

#include <sys/stat.h>

namespace saker::process {
namespace {

using namespace test;

TEST(output_path_test, is_a_file_name_below_out) {
  EXPECT_EQ(*output_path("/run/saker", "web#0"), "/run/saker/out/web#0");
  EXPECT_EQ(*output_path("/run/saker", "web#0", true),
            "/run/saker/out/web#0.err");
}

TEST(output_path_test, refuses_keys_that_lead_elsewhere) {
  for (auto key : {"", ".", "..", "../x", "a/b", ".hidden", "a b", "a\n"})
    EXPECT_FALSE(output_path("/run/saker", key)) << key;
  EXPECT_FALSE(output_path("/run/saker", std::string(101, 'a')));
}

class output_fifo_test : public ::testing::Test {
protected:
  temp_dir dir;
  std::string path = *output_path(dir.path(), "web#0");
};

TEST_F(output_fifo_test, is_private_and_stays_with_what_is_in_it) {
  ASSERT_TRUE(create_output_fifo(path));
  struct stat about = {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_TRUE(S_ISFIFO(about.st_mode));
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  ASSERT_EQ(::stat((dir / "out").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0700u);
  unique_fd child{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  ASSERT_EQ(::write(child.get(), "kept\n", 5), 5);
  ASSERT_TRUE(create_output_fifo(path));
  auto reader = open_output_fifo(path);
  ASSERT_TRUE(reader);
  EXPECT_EQ(read_line(reader->fd.get()), "kept");
}

TEST_F(output_fifo_test, is_read_without_waiting_and_by_a_file_of_its_own) {
  ASSERT_TRUE(create_output_fifo(path));
  auto reader = open_output_fifo(path);
  ASSERT_TRUE(reader);
  EXPECT_GE(reader->capacity, 4096u);
  EXPECT_TRUE(::fcntl(reader->fd.get(), F_GETFD) & FD_CLOEXEC);
  unique_fd child{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  char c = 0;
  EXPECT_EQ(::read(reader->fd.get(), &c, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_FALSE(::fcntl(child.get(), F_GETFL) & O_NONBLOCK);
}

TEST_F(output_fifo_test, refuses_what_stands_in_its_place) {
  EXPECT_EQ(open_output_fifo(path).error().code, errc::not_found);
  ASSERT_EQ(::mkdir((dir / "out").c_str(), 0700), 0);
  std::ofstream{path} << "a file";
  EXPECT_EQ(create_output_fifo(path).error().code, errc::refused);
  EXPECT_EQ(open_output_fifo(path).error().code, errc::refused);
  ::unlink(path.c_str());
  ASSERT_EQ(::mkfifo((dir / "real").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("../real", path.c_str()), 0);
  EXPECT_EQ(create_output_fifo(path).error().code, errc::refused);
  EXPECT_EQ(open_output_fifo(path).error().code, errc::refused);
}

TEST_F(output_fifo_test, needs_root_refuses_a_directory_of_somebody_else) {
  SAKER_NEEDS_ROOT();
  ASSERT_EQ(::mkdir((dir / "out").c_str(), 0700), 0);
  ASSERT_EQ(::chown((dir / "out").c_str(), 65534, 65534), 0);
  EXPECT_EQ(create_output_fifo(path).error().code, errc::refused);
}

} // namespace
} // namespace saker::process
