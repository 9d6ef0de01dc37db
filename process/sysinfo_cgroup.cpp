#include "base/text.hpp"
#include "process/sysinfo_keys.hpp"
#include "process/system_text.hpp"

namespace saker::process {

namespace {

using answer = result<sysinfo_value>;

bool is_number(const std::string& x) {
  return parse_integer(x).has_value();
}

/// Where the pid is that may stand first; nothing: this process.
result<std::string> group_of(const sysinfo_query& x) {
  std::string who = "self";
  if (!x.arguments.empty() && is_number(x.arguments[0])) {
    auto pid = x.pid(0);
    if (!pid)
      return pid.error();
    who = std::to_string(*pid);
  }
  auto text = x.from.read("/proc/" + who + "/cgroup");
  if (!text)
    return fail(errc::not_found, "no process " + who);
  auto path = cgroup_path(*text);
  if (!path)
    return fail(errc::unsupported, "this machine has no cgroup v2");
  return std::move(*path);
}

answer path(const sysinfo_query& x) {
  auto group = group_of(x);
  if (!group)
    return group.error();
  return std::move(*group);
}

result<std::string> group_file(const sysinfo_query& x, const char* name) {
  auto group = group_of(x);
  if (!group)
    return group.error();
  return x.file("/sys/fs/cgroup" + *group + "/" + name);
}

answer figure_in(const sysinfo_query& x, const char* name, bool size) {
  auto text = group_file(x, name);
  if (!text)
    return text.error();
  if (trim(*text) == "max")
    return std::int64_t{-1};
  auto value = parse_integer(trim(*text));
  if (!value || *value < 0)
    return x.unreadable(name);
  if (!size)
    return std::int64_t{*value};
  auto unit = !x.arguments.empty() && is_number(x.arguments[0]) ? 1 : 0;
  return x.in_unit(static_cast<std::uint64_t>(*value),
                   static_cast<std::size_t>(unit));
}

answer memory_used(const sysinfo_query& x) {
  return figure_in(x, "memory.current", true);
}

answer memory_limit(const sysinfo_query& x) {
  return figure_in(x, "memory.max", true);
}

answer processes(const sysinfo_query& x) {
  return figure_in(x, "pids.current", false);
}

answer processor(const sysinfo_query& x) {
  auto text = group_file(x, "cpu.stat");
  if (!text)
    return text.error();
  auto used = number_field(*text, "usage_usec");
  return used ? answer{static_cast<std::int64_t>(*used)}
              : x.unreadable("cpu.stat");
}

} // namespace

std::span<const sysinfo_key> cgroup_keys() {
  static constexpr sysinfo_key keys[] = {
    {"system.cgroup.path", 1, path},
    {"system.cgroup.mem", 2, memory_used},
    {"system.cgroup.mem.max", 2, memory_limit},
    {"system.cgroup.cpu", 1, processor},
    {"system.cgroup.pids", 1, processes},
  };
  return keys;
}

} // namespace saker::process
