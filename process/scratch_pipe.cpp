#include "process/scratch_pipe.hpp"

#include "process/posix.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t capacity = 65'536;

} // namespace

ssize_t scratch_pipe::peek(int pipe, std::size_t most) {
  used_ = 0;
  if (auto error = prepare())
    return -error;
  auto n = retry([&] {
    return ::tee(pipe, in_.get(), std::min(most, capacity), SPLICE_F_NONBLOCK);
  });
  if (n < 0)
    return -errno;
  while (used_ < static_cast<std::size_t>(n)) {
    auto more = retry([&] {
      return ::read(out_.get(), buffer_.data() + used_, capacity - used_);
    });
    if (more <= 0) { // cannot happen; and a new pipe is empty for sure
      in_.reset();
      used_ = 0;
      return -EIO;
    }
    used_ += static_cast<std::size_t>(more);
  }
  return n;
}

ssize_t scratch_pipe::discard(int pipe, std::size_t most) {
  used_ = 0;
  buffer_.resize(capacity);
  auto n = retry(
    [&] { return ::read(pipe, buffer_.data(), std::min(most, capacity)); });
  if (n < 0)
    return -errno;
  used_ = static_cast<std::size_t>(n);
  return n;
}

void scratch_pipe::close() noexcept {
  in_.reset();
  out_.reset();
  buffer_ = {};
  used_ = 0;
}

/// Returns 0 or an errno.
int scratch_pipe::prepare() {
  buffer_.resize(capacity);
  if (in_)
    return 0;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return errno;
  out_.reset(ends[0]);
  in_.reset(ends[1]);
  return 0;
}

} // namespace saker::process
