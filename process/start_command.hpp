#pragma once

#include "process/proc_table.hpp"

#include <string>
#include <vector>

namespace saker::process {

/// How a service is started.
struct start_command {
  std::vector<std::string> argv = {}; ///< empty: not known
  std::string dir = {};               ///< what relative paths start at
  std::string path = {};              ///< where a program without slash is

  bool operator==(const start_command&) const = default;
};

/// Whether `who` was started by such a command: it runs that file, or the
/// interpreter of that script, and its command line shows all the arguments.
/// Daemons may write a title around them (nginx, sshd); whoever writes over
/// them (redis-server) is not recognised. Of an interpreter that is asked for
/// by name, the arguments tell one program from the other.
///
/// Blocks: file system, /proc. False where /proc may not be read.
bool was_started_by(const start_command& x, const proc_entry& who);

} // namespace saker::process
