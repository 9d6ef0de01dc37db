#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace saker::process {

/// Holds the descriptors 3 to 13 with /dev/null, so that nothing of ours lands
/// there: a child needs these numbers before it has a table of its own. All
/// our other descriptors are 14 or more, and CLOEXEC.
class reserved_fds {
public:
  static constexpr int first = 3;
  static constexpr int last = 13;

  /// Takes the numbers; what was open there is closed (move it up before).
  /// Opens 0, 1 and 2 too, where they are closed.
  static result<reserved_fds> take();

  reserved_fds(reserved_fds&& other) noexcept = default;
  reserved_fds& operator=(reserved_fds&& other) noexcept;
  ~reserved_fds();

  /// Puts a CLOEXEC copy of `source` at the reserved `number`; 0 or an errno.
  int lend(int source, int number) const noexcept;

  /// Puts /dev/null back there.
  void refill(int number) const noexcept;

  /// Every other descriptor is at least 14 and CLOEXEC, and these are ours.
  /// Fails: `errc::refused`, naming the descriptor and what it is.
  result<void> check() const;

private:
  explicit reserved_fds(unique_fd null) noexcept;

  unique_fd null_;
};

/// A CLOEXEC copy of `fd` with a number of at least 14; `fd` is closed. For
/// what a parent or predecessor left at a number below.
result<unique_fd> move_up(unique_fd fd);

} // namespace saker::process
