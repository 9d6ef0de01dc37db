#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <sys/types.h>

namespace saker::keeper {

/// A process and who it came from.
struct relation {
  pid_t pid = 0;
  pid_t parent = 0;
  std::uint64_t start_time = 0; ///< with the pid: which process that is
};

/// Nothing: there is no such process, or it is a zombie.
std::optional<relation> relation_of(pid_t pid);

/// The living children of a process; `process::children` for any of them. As
/// dear as they are many, however many others there are.
std::vector<relation> children_of(pid_t parent);

/// `roots` and all that descends from them, as `children` tells. Pure.
std::vector<relation>
descendants(const std::vector<relation>& roots,
            const std::function<std::vector<relation>(pid_t)>& children);

} // namespace saker::keeper
