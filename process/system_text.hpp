#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the files of /proc, /sys and cgroups say, as pure functions of their
/// text. Lines and words that are not known are passed over; nothing means
/// that the text has not the expected form.
namespace saker::process {

/// /proc/meminfo, in bytes: `MemTotal`, `MemAvailable`, …
std::map<std::string, std::uint64_t, std::less<>>
parse_meminfo(std::string_view text);

/// One field of /proc/<pid>/status in bytes: `VmRSS`.
std::optional<std::uint64_t>
status_bytes(std::string_view text, std::string_view field);

/// One field of /proc/<pid>/status or /proc/stat as a number: `btime`.
std::optional<std::uint64_t>
number_field(std::string_view text, std::string_view field);

/// /proc/loadavg: over 1, 5 and 15 minutes.
struct load_average {
  double avg1 = 0;
  double avg5 = 0;
  double avg15 = 0;
};

std::optional<load_average> parse_loadavg(std::string_view text);

/// The line `cpu` of /proc/stat, in ticks since boot.
struct cpu_ticks {
  std::uint64_t busy = 0;
  std::uint64_t total = 0;
};

std::optional<cpu_ticks> parse_cpu_ticks(std::string_view text);

/// One line of /proc/net/dev, since the interface came up.
struct net_interface {
  std::string name;
  std::uint64_t received = 0; ///< bytes
  std::uint64_t sent = 0;     ///< bytes
  std::uint64_t collisions = 0;
};

std::vector<net_interface> parse_net_dev(std::string_view text);

/// A number of /proc/pressure/…: `line` is some or full, `field` avg10, avg60,
/// avg300 (percent) or total (µs).
std::optional<double>
pressure(std::string_view text, std::string_view line, std::string_view field);

/// The path of cgroup v2 in /proc/<pid>/cgroup.
std::optional<std::string> cgroup_path(std::string_view text);

} // namespace saker::process
