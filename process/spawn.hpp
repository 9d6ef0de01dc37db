#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/spawn_fault.hpp"
#include "process/spawn_report.hpp"
#include "process/spawn_step.hpp"
#include "process/spec.hpp"

#include <memory>
#include <optional>

#include <sys/resource.h>
#include <sys/types.h>

namespace saker::process {

/// A child that is being set up; it is ours until reaped through `pidfd`.
struct started {
  pid_t pid = 0;
  unique_fd pidfd; ///< CLOEXEC; readable when the child has ended
  spawn_report report;
};

using spawn_result = boost::system::result<started, spawn_failure>;

/// Creates children. For a process with one thread only, one per process, made
/// before anything else opens a file: it takes the descriptors 3 to 13 for
/// itself (see reserved_fds) and remembers the NOFILE limit that the children
/// get back, so make it before the limit is raised.
class spawner {
public:
  /// Fails: `errc::io` when /dev/null or descriptors are not to be had.
  static result<spawner> make();

  /// For a process that replaced itself: children get `nofile`.
  static result<spawner> make(const rlimit& nofile);

  spawner(spawner&&) noexcept;
  spawner& operator=(spawner&&) noexcept;
  ~spawner();

  /// Returns as soon as the child lives, after some 0.1 ms, and never waits
  /// for a file system, a name service or the program. What can fail before
  /// that comes back at once and leaves nothing behind; the rest comes by the
  /// report.
  spawn_result
  spawn(const spec& what, const std::optional<spawn_fault>& fault = {});

  /// The limit that children get.
  const rlimit& nofile() const noexcept;

  /// Proves that our own descriptors keep out of the children's way. Fails:
  /// `errc::refused`, naming the first that does not.
  result<void> check() const;

private:
  struct state;

  explicit spawner(std::unique_ptr<state> st) noexcept;

  std::unique_ptr<state> state_;
};

} // namespace saker::process
