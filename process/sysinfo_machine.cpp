#include "base/text.hpp"
#include "process/mount_table.hpp"
#include "process/sysinfo_keys.hpp"
#include "process/system_text.hpp"

#include <cerrno>

#include <sys/statvfs.h>
#include <unistd.h>

namespace saker::process {

namespace {

using namespace std::chrono_literals;
using answer = result<sysinfo_value>;

std::int64_t whole(std::uint64_t x) {
  return static_cast<std::int64_t>(x);
}

double percent(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0
                  : 100 * static_cast<double>(part) / static_cast<double>(all);
}

// -- time and processors -----------------------------------------------------------

answer boottime(const sysinfo_query& x) {
  auto text = x.file("/proc/stat");
  if (!text)
    return text.error();
  auto time = number_field(*text, "btime");
  return time ? answer{whole(*time)} : x.unreadable("/proc/stat");
}

answer uptime(const sysinfo_query& x) {
  auto text = x.file("/proc/uptime");
  if (!text)
    return text.error();
  auto time = parse_integer(text->substr(0, text->find('.')));
  return time ? answer{std::int64_t{*time}} : x.unreadable("/proc/uptime");
}

answer processors(const sysinfo_query& x) {
  auto online = x.last_word() == "online";
  return std::int64_t{
    ::sysconf(online ? _SC_NPROCESSORS_ONLN : _SC_NPROCESSORS_CONF)};
}

answer load_averages(const sysinfo_query& x) {
  auto text = x.file("/proc/loadavg");
  if (!text)
    return text.error();
  auto all = parse_loadavg(*text);
  if (!all)
    return x.unreadable("/proc/loadavg");
  auto which = x.arguments.empty() ? "avg1" : to_lower(x.arguments[0]);
  if (which == "avg1")
    return all->avg1;
  if (which == "avg5")
    return all->avg5;
  if (which == "avg15")
    return all->avg15;
  return fail(errc::invalid_argument, "say avg1, avg5 or avg15");
}

result<cpu_ticks> look_at_cpu(const sysinfo_query& x) {
  auto text = x.file("/proc/stat");
  if (!text)
    return text.error();
  auto ticks = parse_cpu_ticks(*text);
  return ticks ? result<cpu_ticks>{*ticks} : x.unreadable("/proc/stat");
}

answer utilization(const sysinfo_query& x) {
  auto before = look_at_cpu(x);
  if (!before)
    return before.error();
  x.from.pause(100ms);
  auto after = look_at_cpu(x);
  if (!after)
    return after.error();
  // Counters of idle time may go back a little.
  auto total = after->total - std::min(after->total, before->total);
  auto busy = after->busy - std::min(after->busy, before->busy);
  return std::min(percent(busy, total), 100.0);
}

// -- memory ------------------------------------------------------------------------

struct memory_figures {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
  std::map<std::string, std::uint64_t, std::less<>> rows;

  std::uint64_t row(const char* name) const {
    auto i = rows.find(name);
    return i == rows.end() ? 0 : i->second;
  }
};

result<memory_figures> look_at_memory(const sysinfo_query& x) {
  auto text = x.file("/proc/meminfo");
  if (!text)
    return text.error();
  memory_figures out;
  out.rows = parse_meminfo(*text);
  out.total = out.row("MemTotal");
  // Kernels before 3.14 do not tell.
  out.available = out.rows.contains("MemAvailable")
                    ? out.row("MemAvailable")
                    : out.row("MemFree") + out.row("Buffers")
                        + out.row("Cached");
  out.available = std::min(out.available, out.total);
  return out.total > 0 ? result<memory_figures>{std::move(out)}
                       : x.unreadable("/proc/meminfo");
}

answer memory_size(const sysinfo_query& x) {
  auto all = look_at_memory(x);
  if (!all)
    return all.error();
  auto word = x.last_word();
  if (word == "total")
    return x.in_unit(all->total, 0);
  if (word == "available")
    return x.in_unit(all->available, 0);
  if (word == "used")
    return x.in_unit(all->total - all->available, 0);
  return x.in_unit(all->row(word == "free"      ? "MemFree"
                            : word == "buffers" ? "Buffers"
                            : word == "cached"  ? "Cached"
                                                : "Shmem"),
                   0);
}

answer memory_share(const sysinfo_query& x) {
  auto all = look_at_memory(x);
  if (!all)
    return all.error();
  auto part = x.last_word() == "pused" ? all->total - all->available
                                       : all->available;
  return percent(part, all->total);
}

// -- kernel and file systems -------------------------------------------------------

answer kernel_limit(const sysinfo_query& x) {
  std::string path = x.last_word() == "maxfiles" ? "/proc/sys/fs/file-max"
                                                 : "/proc/sys/kernel/pid_max";
  auto text = x.file(path);
  if (!text)
    return text.error();
  auto number = parse_integer(trim(*text));
  return number ? answer{std::int64_t{*number}} : x.unreadable(path);
}

bool is_mount_point(const sysinfo_query& x, std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  auto table = x.from.read("/proc/self/mountinfo").value_or("");
  return mount_table::parse(table).has_point(path);
}

answer file_system(const sysinfo_query& x) {
  auto path = x.argument(0, "the path");
  if (!path)
    return path.error();
  if (!x.from.any_path && !is_mount_point(x, *path))
    return fail(errc::not_permitted,
                "without the right to control only mount points can be named, "
                "as `df` lists them: /, …");
  struct statvfs about = {};
  if (::statvfs(path->c_str(), &about) != 0) {
    auto why = system_failure("inspect", printable(*path), errno);
    return fail(errno == ENOENT ? errc::not_found : why.code, why.detail);
  }
  std::uint64_t block = about.f_frsize;
  auto total = about.f_blocks * block;
  auto used = (about.f_blocks - about.f_bfree) * block;
  auto free = about.f_bavail * block; // to others than root
  auto word = x.last_word();
  if (word == "pfree")
    return percent(free, used + free);
  if (word == "pused")
    return percent(used, used + free);
  return x.in_unit(word == "total" ? total : word == "free" ? free : used, 1);
}

answer pressure_of(const sysinfo_query& x) {
  auto path = "/proc/pressure/" + std::string{x.last_word()};
  auto text = x.file(path);
  if (!text)
    return text.error();
  std::string line = "some";
  std::string field = "avg10";
  for (auto& word : x.arguments)
    (word == "some" || word == "full" ? line : field) = word;
  auto value = pressure(*text, line, field);
  if (!value)
    return fail(errc::invalid_argument,
                "say some or full, and avg10, avg60, avg300 or total");
  return field == "total" ? answer{static_cast<std::int64_t>(*value)}
                          : answer{*value};
}

} // namespace

std::span<const sysinfo_key> machine_keys() {
  static constexpr sysinfo_key keys[] = {
    {"system.boottime", 0, boottime},
    {"system.uptime", 0, uptime},
    {"system.cpu.num.online", 0, processors},
    {"system.cpu.num.max", 0, processors},
    {"system.cpu.load.all", 1, load_averages},
    {"system.cpu.util", 0, utilization},
    {"system.mem.total", 1, memory_size},
    {"system.mem.free", 1, memory_size},
    {"system.mem.buffers", 1, memory_size},
    {"system.mem.cached", 1, memory_size},
    {"system.mem.available", 1, memory_size},
    {"system.mem.used", 1, memory_size},
    {"system.mem.shared", 1, memory_size},
    {"system.mem.pused", 0, memory_share},
    {"system.mem.pavailable", 0, memory_share},
    {"system.kernel.maxfiles", 0, kernel_limit},
    {"system.kernel.maxproc", 0, kernel_limit},
    {"system.fs.size.total", 2, file_system},
    {"system.fs.size.free", 2, file_system},
    {"system.fs.size.used", 2, file_system},
    {"system.fs.size.pfree", 1, file_system},
    {"system.fs.size.pused", 1, file_system},
    {"system.psi.cpu", 2, pressure_of},
    {"system.psi.memory", 2, pressure_of},
    {"system.psi.io", 2, pressure_of},
  };
  return keys;
}

} // namespace saker::process
