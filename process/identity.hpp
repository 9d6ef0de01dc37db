#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace saker::process {

/// Which run of the kernel: /proc/sys/kernel/random/boot_id.
using boot_id = std::array<std::uint8_t, 16>;

/// Of this machine, now; all zero when the kernel does not tell.
const boot_id& this_boot() noexcept;

/// 32 hexadecimal digits.
std::string to_string(const boot_id& x);

/// A process that cannot be mistaken for another one: a pid comes back, these
/// four together do not.
struct identity {
  boot_id boot{};
  std::uint64_t pid_namespace = 0; ///< its inode
  pid_t pid = 0;
  std::uint64_t start_time = 0; ///< clock ticks since boot

  bool operator==(const identity&) const = default;
};

/// An identity and the handle that proves it.
struct known_process {
  identity who;
  unique_fd pidfd; ///< CLOEXEC
};

/// Who has that pid now. Race-free: the handle is opened first, then /proc is
/// read, then the process still lives, so both speak of the same one. Fails:
/// `errc::not_found` when there is none or it is a zombie, `errc::refused`
/// when it lives in another pid namespace.
result<known_process> open_process(pid_t pid);

/// The same for a child of ours, which may have ended already: a zombie keeps
/// its pid, so nothing can be confused until it is reaped.
result<identity> identify_child(pid_t pid);

/// A handle to exactly that process. Fails: `errc::not_found` when it has
/// ended, also when its pid belongs to somebody else or the boot is another.
result<unique_fd> open_pidfd(const identity& who);

/// Whether it still lives.
bool same_process(const identity& who);

/// The direct children of this process, zombies included. 9 ms at 10 000.
std::vector<pid_t> children();

/// The same of another process.
std::vector<pid_t> children(pid_t of);

/// Parent, process group and session.
struct kinship {
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
};

/// Nothing: no such process.
std::optional<kinship> kinship_of(pid_t pid);

/// The name of the variable that marks what we started.
inline constexpr const char* instance_variable = "SAKER_INSTANCE";

/// `SAKER_INSTANCE=key#spawn-id`: whose child that is. The key itself may
/// contain `#`; the spawn id is behind the last one.
struct instance_marker {
  std::string key;
  std::uint64_t spawn_id = 0;

  bool operator==(const instance_marker&) const = default;
};

/// `SAKER_INSTANCE=web#0#17`, as it stands in an environment.
std::string to_string(const instance_marker& x);

/// Reads the part behind `=`.
std::optional<instance_marker> parse_instance(std::string_view text);

/// The marker in the environment of `pid`; nothing when it has none, has
/// overwritten it (nginx does), is gone or may not be read.
std::optional<instance_marker> instance_of(pid_t pid);

} // namespace saker::process
