#include "process/proc_limits.hpp"

#include "process/proc_stat.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace saker::process {

std::optional<std::uint64_t>
parse_soft_limit(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(name) || line.size() == name.size()
        || line[name.size()] != ' ')
      continue;
    line.remove_prefix(name.size());
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    std::uint64_t value = 0;
    auto end = line.data() + line.size();
    auto [stop, ec] = std::from_chars(line.data(), end, value);
    if (ec != std::errc{} || stop == end || *stop != ' ')
      return std::nullopt;
    return value;
  }
  return std::nullopt;
}

namespace {

std::optional<std::uint64_t> soft_limit(pid_t pid, std::string_view name) {
  auto text = read_proc("/proc/" + std::to_string(pid) + "/limits");
  return text ? parse_soft_limit(*text, name) : std::nullopt;
}

} // namespace

std::optional<std::uint64_t> lock_limit_of(pid_t pid) {
  return soft_limit(pid, "Max file locks");
}

std::optional<std::uint64_t> nofile_limit_of(pid_t pid) {
  return soft_limit(pid, "Max open files");
}

} // namespace saker::process
