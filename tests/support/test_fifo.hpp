#pragma once

#include "base/unique_fd.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::test {

/// The FIFO of a child as the keeper makes it: the child's end is opened for
/// reading and writing, ours is another open file.
class test_fifo {
public:
  explicit test_fifo(std::string path) : path_(std::move(path)) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    child_.reset(::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    EXPECT_TRUE(child_);
  }

  /// One more read end.
  unique_fd reader() const {
    return unique_fd{::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  }

  /// Writes as the child does, but returns how much was taken where the child
  /// would wait.
  std::size_t write(std::string_view bytes) const {
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      auto n = ::write(child_.get(), bytes.data() + taken,
                       bytes.size() - taken);
      if (n < 0 && errno == EAGAIN)
        break;
      EXPECT_GT(n, 0);
      if (n <= 0)
        break;
      taken += static_cast<std::size_t>(n);
    }
    return taken;
  }

  /// Bytes that wait in it.
  std::size_t waiting() const {
    int bytes = 0;
    EXPECT_EQ(::ioctl(child_.get(), FIONREAD, &bytes), 0);
    return static_cast<std::size_t>(bytes);
  }

  int child() const {
    return child_.get();
  }

  /// The child and the keeper are gone.
  void hang_up() {
    child_.reset();
  }

  const std::string& path() const {
    return path_;
  }

private:
  std::string path_;
  unique_fd child_;
};

} // namespace saker::test
