#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <sys/types.h>

namespace saker::process {

/// The soft limit in the row `name` ("Max file locks") of the text of
/// /proc/<pid>/limits; nothing when there is no such row or it is unlimited.
std::optional<std::uint64_t>
parse_soft_limit(std::string_view text, std::string_view name);

/// RLIMIT_LOCKS of a process, zombies included; nothing when it is unlimited
/// or there is no such process. No kernel since 2.4.25 looks at this limit.
std::optional<std::uint64_t> lock_limit_of(pid_t pid);

/// RLIMIT_NOFILE of a process, soft; likewise.
std::optional<std::uint64_t> nofile_limit_of(pid_t pid);

} // namespace saker::process
