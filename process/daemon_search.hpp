#pragma once

#include "process/named_process.hpp"
#include "process/proc_table.hpp"
#include "process/start_command.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

namespace saker::process {

/// How a daemon is recognized.
struct daemon_rule {
  std::string pidfile; ///< the one that it writes itself; empty: none
  std::string match;   ///< RE2; a must beside a pidfile, else the only sign
  std::string user;    ///< whom the service runs as; empty: as we do
  start_command start = {}; ///< of the service

  bool operator==(const daemon_rule&) const = default;
};

/// What a look for a daemon found.
struct finding {
  enum class kind : std::uint8_t {
    nobody,  ///< who would be it
    found,   ///< `who`
    refused, ///< somebody who must not be taken for it
    several, ///< more than one could be it
  };

  kind what = kind::nobody;
  proc_entry who; ///< of `found`

  /// Of `found`: only who may do as he likes with that process could have named
  /// it, and it looks like the service. If not, it may be taken only when it
  /// descends from the service: a less privileged user could point us at any
  /// process, and a file may name one of another service.
  bool trusted = false;

  std::string text; ///< for people: why it is not found, what to do
};

/// Looks for daemons. Reads files and /proc, asks for users: it may block.
class daemon_search {
public:
  /// The parent of all that Saker starts; it and this process never match.
  explicit daemon_search(pid_t keeper) : keeper_(keeper) {
    // nop
  }

  /// By the pidfile of the rule. Who was born after the file was written is not
  /// the one who wrote it, unless `match` or a lock on it says so. Whom `match`
  /// does not describe looks like the service if exec could have started it.
  finding by_pidfile(const daemon_rule& x) const;

  /// By `match`, all rules with one walk over the processes. A process counts
  /// that runs as the service does or descends from Saker, and whose parent
  /// does not count too (programs fork). Init and Saker itself never count.
  std::vector<finding> by_match(std::span<const daemon_rule> rules) const;

private:
  pid_t keeper_;
};

} // namespace saker::process
