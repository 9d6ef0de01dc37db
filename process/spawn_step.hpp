#pragma once

#include "base/result.hpp"
#include "process/spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker::process {

/// The steps from a specification to a running program, in their order. The
/// numbers and names travel between keeper and node: only append.
enum class spawn_step : std::uint8_t {
  none = 0,
  arguments = 1,    ///< the specification itself makes no sense
  report = 2,       ///< the pipe on which the child reports
  fork = 3,         ///< the new process, up to its first sign of life
  session = 4,      ///< default signals, a session of its own
  cgroup = 5,       ///< entering the cgroup
  oom = 6,          ///< the declared OOM score
  output = 7,       ///< stdout and stderr that need our rights; passed fds
  pidfile_open = 8, ///< our pidfile for it
  pidfile_lock = 9, ///< its lock and content
  limits = 10,      ///< NOFILE given back, then the declared ones
  nice = 11,        ///< priority
  cpus = 12,        ///< affinity
  lookup = 13,      ///< names of user and groups
  owner = 14,       ///< the output FIFO given to the user
  groups = 15,      ///< supplementary groups and the primary one
  user = 16,        ///< the user
  files = 17,       ///< stdin and output files, with the user's rights
  dir = 18,         ///< working directory
  umask = 19,       ///< mode mask
  privileges = 20,  ///< no_new_privs, death signal
  mask = 21,        ///< the empty signal mask
  exec = 22,        ///< the program
};

inline constexpr std::size_t spawn_steps = 23;

/// `exec`, `pidfile_lock` …
std::string_view to_string(spawn_step x) noexcept;
std::optional<spawn_step> parse_spawn_step(std::string_view name) noexcept;

/// Why a child did not become the program it should have been.
struct spawn_failure {
  spawn_step step = spawn_step::none;
  int error = 0;    ///< errno; 0: the child was killed during the step
  std::string path; ///< what the step was about: file, directory, user, limit
  std::string hint = {}; ///< what the child found out about it, if anything

  bool operator==(const spawn_failure&) const = default;
};

/// `exec /usr/bin/nope: No such file or directory (ENOENT)`, with a hint where
/// the errno alone would mislead.
std::string to_string(const spawn_failure& x);

/// The same of one that travelled. `step` may also be a word of the keeper's
/// own: `timeout`, with the step that hung and its object as `path`, or one
/// that stands for itself, as `cancelled`.
/// `found`: what the child found out beyond the errno; for a word that stands
/// for itself any sentence, which is shown as it is.
std::string failure_text(std::string_view step, int error,
                         std::string_view path, std::string_view found = {});

/// For layers that speak `failure`: pidfile_locked or spawn_failed.
failure to_failure(const spawn_failure& x);

/// Trying the same again cannot help: somebody has to change something.
bool is_permanent(const spawn_failure& x) noexcept;

/// Processes, descriptors, memory, disk or a lock were not to be had, or our
/// own part of the start failed: no fault of the service, and worth a try
/// later.
bool is_shortage(const spawn_failure& x) noexcept;

/// What a step is about; `index` tells which one where a step has several.
std::string
subject_of(const spec& what, spawn_step step, std::size_t index = 0);

/// `value()` on a failed spawn is a bug of the caller.
[[noreturn]] void throw_exception_from_error(const spawn_failure& x,
                                             const boost::source_location&);

} // namespace saker::process
