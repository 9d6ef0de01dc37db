#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace saker::process {

/// What one process costs, and where it belongs.
struct process_cost {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
  std::uint64_t start_time = 0; ///< ticks since boot
  std::uint64_t ticks = 0;      ///< of CPU so far, its own only
  std::uint64_t rss = 0;        ///< bytes
};

/// All processes at one time.
struct process_snapshot {
  std::chrono::nanoseconds at{}; ///< since boot
  std::vector<process_cost> processes;
};

/// Reads /proc once, some tens of µs per process. One that vanishes meanwhile
/// is left out. Null without /proc.
std::optional<process_snapshot> take_snapshot();

/// What a process and all that belongs to it cost.
struct tree_usage {
  /// Percent of one CPU: since the snapshot before; of processes that were not
  /// in it, since they started.
  double cpu = 0;
  std::uint64_t rss = 0; ///< bytes; shared pages count in each process
  std::uint32_t processes = 0;
};

using usage_table = std::unordered_map<pid_t, tree_usage>;

/// Turns snapshots into figures of trees. Pure: one owner, no clock.
class usage_meter {
public:
  /// `ticks_per_second`: of the CPU figures and of start times.
  explicit usage_meter(std::uint64_t ticks_per_second)
    : ticks_per_second_(ticks_per_second) {
    // nop
  }

  /// A later snapshot than all before. CPU is told since the one before it.
  void feed(process_snapshot x);

  /// The same, but CPU is told since what it was told since so far.
  void renew(process_snapshot x) {
    now_ = std::move(x);
  }

  /// The trees of these roots, each the leader of its session: to a tree belong
  /// the session and all descendants. Roots that are not there are left out.
  usage_table usage(std::span<const pid_t> roots) const;

  bool has_seen(pid_t pid) const;

private:
  struct seen {
    std::uint64_t start_time;
    std::uint64_t ticks;
  };

  double cpu_of(const process_cost& x) const;

  std::uint64_t ticks_per_second_;
  process_snapshot now_;
  std::optional<std::chrono::nanoseconds> before_at_;
  std::unordered_map<pid_t, seen> before_;
};

} // namespace saker::process
