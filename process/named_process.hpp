#pragma once

#include "base/result.hpp"
#include "process/identity.hpp"
#include "process/proc_table.hpp"

#include <string>

namespace saker::process {

/// Whom a pidfile names, and what speaks for him. Who wants more than a number
/// decides on these.
struct named_process {
  identity id;
  proc_entry who;

  /// Root and we alone can write the file.
  bool trusted = false;
  uid_t owner = 0; ///< of the file

  /// He holds a lock on the file: it is his.
  bool locked = false;

  /// He began after the file was written last, so another one was meant. Wall
  /// clocks may be set: a reason to refuse a pid, never one to trust a file.
  bool younger = false;
};

/// Of a process that lives now. Fails: as read_pidfile; `errc::not_found` when
/// there is no such process, `errc::refused` in another pid namespace.
result<named_process> process_named_by(const std::string& pidfile);

/// `/run/x.pid names pid 12 (root: sshd -D)`.
std::string to_string(const named_process& x, const std::string& pidfile);

/// `pid 12 (root: sshd -D)`.
std::string to_string(const proc_entry& x);

} // namespace saker::process
