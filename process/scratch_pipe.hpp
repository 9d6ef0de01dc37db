#pragma once

#include "base/unique_fd.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace saker::process {

/// Looks into pipes without taking anything out, by tee(2) into a private
/// pipe. One serves all pumps of a thread: it is empty between two calls.
class scratch_pipe {
public:
  /// Looks at what lies in front: at most `most` bytes, perhaps fewer than
  /// there are. Returns how many, 0 at the end of the pipe (empty, and no
  /// writer left), or a negative errno: -EAGAIN for a pipe that is empty,
  /// others when looking is impossible. They are in `text()`.
  ssize_t peek(int pipe, std::size_t most);

  /// Takes them out and throws them away. Returns as `peek` does.
  ssize_t discard(int pipe, std::size_t most);

  /// Lets go of the private pipe and of memory; the next call makes them anew.
  void close() noexcept;

  /// What the last call saw; valid until the next one.
  std::string_view text() const noexcept {
    return {buffer_.data(), used_};
  }

private:
  int prepare();

  unique_fd in_;
  unique_fd out_;
  std::string buffer_;
  std::size_t used_ = 0;
};

} // namespace saker::process
