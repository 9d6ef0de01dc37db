#pragma once

#include "base/result.hpp"
#include "process/exit_status.hpp"

#include <optional>

#include <sys/types.h>

namespace saker::process {

/// A child that was reaped.
struct ending {
  pid_t pid = 0;
  exit_status status;
  usage used;
};

/// How our child ended, without reaping it: its pid and group stay taken.
/// Nothing: it still runs. Fails: `errc::not_found` when it is no child of
/// ours or already reaped. Never blocks.
result<std::optional<exit_status>> peek(int pidfd);

/// Reaps our child. Nothing: it still runs. Fails as peek does.
result<std::optional<ending>> reap(int pidfd);

/// Whether the process behind `pidfd`, child or not, has ended.
bool has_ended(int pidfd) noexcept;

/// How a process that is not our child ended: known to kernels from 6.15 on,
/// once its own parent has reaped it (poll for POLLHUP); else nothing, then
/// the caller says `exit_status::unknown()`.
std::optional<exit_status> status_of_stranger(int pidfd) noexcept;

/// Sends a signal (0: only asks) to exactly that process. Fails:
/// `errc::not_found` when it has ended, `errc::not_permitted`.
result<void> signal_process(int pidfd, int signal);

/// Sends a signal to a process group; call it only before the leader is
/// reaped, since the number may belong to others afterwards. `group` > 1.
/// Fails: `errc::not_found` when it has no members, `errc::not_permitted`.
result<void> signal_group(pid_t group, int signal);

} // namespace saker::process
