#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace saker::keeper {

/// A process and who it came from.
struct relation {
  pid_t pid = 0;
  pid_t parent = 0;
  std::uint64_t start_time = 0; ///< with the pid: which process that is
};

/// Of all processes that there are now. Some 10 µs for each.
std::vector<relation> all_relations();

/// Those of `all` that are in `roots` or descend from one that is. Pure.
std::vector<relation>
descendants(const std::vector<relation>& all, const std::vector<pid_t>& roots);

} // namespace saker::keeper
