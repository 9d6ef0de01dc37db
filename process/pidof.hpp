#pragma once

#include "base/result.hpp"
#include "process/identity.hpp"

#include <optional>
#include <string>

#include <sys/types.h>

namespace saker::process {

/// What a daemon must be like to be taken for the one that is meant.
struct daemon_marks {
  std::string pidfile = {}; ///< empty: looked for in the process table
  std::string match = {};   ///< as name_matcher; empty: any
  std::optional<std::string> user = {}; ///< name or number; nothing: any
};

/// The process that has these marks; it lives now.
///
/// A pidfile alone proves nothing: its process may have ended, and another one
/// may have the pid. One of these must hold: that process holds a lock on the
/// file; it matches; it began before the file was written last.
///
/// Nor may a file lead to a process that whoever may write it could not have
/// signalled himself: root and we alone may write it, or the process holds a
/// lock on it, or it runs as the owner of the file or as `user`.
///
/// Without a pidfile exactly one process must match. Blocks: file system, name
/// services, /proc. Fails: errc::not_found (none lives), errc::refused (not
/// that one, not trusted, several), errc::syntax (match), as read_pidfile.
result<identity> find_daemon(const daemon_marks& marks);

/// Sends a signal by pidfd. Refuses init, threads of the kernel, this process
/// and its parent (the keeper). `start_time` makes sure that it still is the
/// process that was found before. Fails: errc::not_found, errc::not_permitted,
/// errc::refused.
result<void>
signal_pid(pid_t pid, int signal, std::optional<std::uint64_t> start_time = {});

/// Whether `ancestor` is its parent, the parent of that …
bool descends_from(pid_t pid, pid_t ancestor);

/// Whether Saker started it: it descends from the parent of this process (the
/// keeper), or its environment says that an earlier keeper did.
bool is_ours(pid_t pid);

} // namespace saker::process
