#pragma once

#include "process/proc_stat.hpp"
#include "process/sysinfo.hpp"

namespace saker::process {

/// One question on its way, and what the answers to all have in common.
struct sysinfo_query {
  std::span<const std::string> arguments;
  const system_view& from;
  std::string_view key;

  /// The part of the key behind its last dot.
  std::string_view last_word() const {
    return key.substr(key.rfind('.') + 1);
  }

  result<std::string> file(const std::string& path) const;
  failure unreadable(const std::string& path) const;

  /// Fails: it is missing.
  result<std::string> argument(std::size_t i, const char* what) const;

  /// As bytes, or in the unit that argument `i` names.
  result<sysinfo_value> in_unit(std::uint64_t bytes, std::size_t i) const;

  result<pid_t> pid(std::size_t i) const;
};

/// One row of the table.
struct sysinfo_key {
  std::string_view name;
  std::size_t most_arguments;
  result<sysinfo_value> (*answer)(const sysinfo_query&);
};

std::span<const sysinfo_key> machine_keys();
std::span<const sysinfo_key> network_keys();
std::span<const sysinfo_key> cgroup_keys();
std::span<const sysinfo_key> process_keys();

} // namespace saker::process
