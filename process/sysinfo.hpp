#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::process {

/// Figures are numbers, everything else is text; lists and objects are JSON.
using sysinfo_value = std::variant<std::int64_t, double, std::string>;

/// Where the texts of the kernel come from; a test puts its own there. And how
/// much of the machine whoever asks may see.
struct system_view {
  /// A whole file; nothing when it cannot be read.
  std::function<std::optional<std::string>(const std::string& path)> read;
  /// Lets time pass between two looks.
  std::function<void(std::chrono::milliseconds)> pause;
  /// The words of a process as they are told; null: as they are.
  std::function<std::vector<std::string>(const std::vector<std::string>&)> told
    = nullptr;
  /// Other paths than mount points too: an answer says whether there is such a
  /// file, also one that only its owner can see.
  bool any_path = true;

  static system_view current();
};

/// Answers one key of SYSINFO. Sizes are bytes, or in the unit `kb`, `mb`,
/// `gb`, `tb` that is the last argument.
///
/// | key                                | arguments       | answer            |
/// |------------------------------------|-----------------|-------------------|
/// | system.boottime, .uptime           |                 | Unix s, s         |
/// | system.cpu.num.online, .max        |                 | number            |
/// | system.cpu.load.all                | avg1 avg5 avg15 | load              |
/// | system.cpu.util                    |                 | % of all, 0.1 s   |
/// | system.mem.total free buffers      | [unit]          | size              |
/// | … cached available used shared     | [unit]          | size              |
/// | system.mem.pused, .pavailable      |                 | %                 |
/// | system.net.if.in out total         | [interface]     | bytes             |
/// | … collisions                       | [interface]     | number            |
/// | system.net.if.list                 |                 | JSON array        |
/// | system.kernel.maxfiles, .maxproc   |                 | number            |
/// | system.fs.size.total free used     | path [unit]     | size, see any_path|
/// | system.fs.size.pfree, .pused       | path            | %                 |
/// | system.psi.cpu memory io           | [some full]     | % or µs           |
/// |                                    | [avg10…, total] |                   |
/// | system.cgroup.path                 | [pid]           | path              |
/// | system.cgroup.mem, .mem.max        | [pid] [unit]    | size; -1: no max  |
/// | system.cgroup.cpu                  | [pid]           | µs used           |
/// | system.cgroup.pids                 | [pid]           | number            |
/// | system.proc.id                     | name or all     | JSON array        |
/// | system.proc.mem.rss, .used         | pid [unit]      | size              |
/// | system.proc.mem.pused              | pid             | % of RAM          |
/// | system.proc.cpu.load               | pid             | % of a core, 0.1 s|
/// | system.proc.all                    | pid             | JSON object       |
///
/// `used` is what is not available; of a process it is its virtual size.
/// Without an interface, those with a device are counted, else all but `lo`.
/// A process that ends meanwhile is left out of lists. Blocks: file systems
/// may hang, and what is measured takes 0.1 s.
///
/// Fails: errc::not_found (no such key, process, interface), errc::
/// not_permitted (a path that is no mount point), errc::invalid_argument, errc::unsupported (the kernel does not tell), errc::io.
result<sysinfo_value>
sysinfo(std::string_view key, std::span<const std::string> arguments,
        const system_view& from = system_view::current());

/// All keys.
std::vector<std::string> sysinfo_keys();

} // namespace saker::process
