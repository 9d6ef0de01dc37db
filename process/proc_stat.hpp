#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace saker::process {

/// What /proc/<pid>/stat tells.
struct proc_stat {
  pid_t pid = 0;
  std::string comm; ///< at most 15 bytes, any bytes
  char state = '?'; ///< R S D Z T …
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  std::uint64_t flags = 0;
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t start_time = 0; ///< ticks since boot: part of the identity
  std::uint64_t rss_pages = 0;

  bool kernel_thread() const noexcept {
    return (flags & 0x00200000) != 0;
  }
};

/// Nothing: not in the form of that file.
std::optional<proc_stat> parse_stat(std::string_view text);

/// Nothing: there is no such process (any more).
std::optional<proc_stat> read_stat(pid_t pid);

/// A start time as a point of CLOCK_BOOTTIME, and back.
std::chrono::nanoseconds since_boot(std::uint64_t ticks) noexcept;
std::uint64_t ticks_since_boot(std::chrono::nanoseconds x) noexcept;

/// A small file of /proc, whole; nothing when it cannot be read.
std::optional<std::string>
read_proc(const std::string& path, std::size_t limit = 1 << 20);

/// Calls `visit` with each name in `folder` that is a number, as those of
/// processes, threads and descriptors in /proc are, until it says false.
/// Fails: the folder cannot be opened.
result<void>
each_number(const std::string& folder, const std::function<bool(int)>& visit);

} // namespace saker::process
