#include "base/json.hpp"
#include "base/text.hpp"
#include "process/proc_table.hpp"
#include "process/sysinfo_keys.hpp"
#include "process/system_text.hpp"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace saker::process {

namespace {

using namespace std::chrono_literals;
using answer = result<sysinfo_value>;

failure no_process(pid_t pid) {
  return fail(errc::not_found, "no process " + std::to_string(pid));
}

/// A file of /proc/<pid>; fails if the process is gone.
result<std::string>
file_of(const sysinfo_query& x, pid_t pid, const char* name) {
  auto text = x.from.read("/proc/" + std::to_string(pid) + "/" + name);
  return text ? result<std::string>{std::move(*text)} : no_process(pid);
}

result<proc_stat> stat_of(const sysinfo_query& x, pid_t pid) {
  auto text = file_of(x, pid, "stat");
  if (!text)
    return text.error();
  auto stat = parse_stat(*text);
  return stat ? result<proc_stat>{std::move(*stat)} : no_process(pid);
}

double share_of_memory(const sysinfo_query& x, std::uint64_t bytes) {
  auto text = x.from.read("/proc/meminfo");
  auto rows = parse_meminfo(text.value_or(""));
  auto total = rows.find("MemTotal");
  if (total == rows.end() || total->second == 0)
    return 0;
  return 100 * static_cast<double>(bytes) / static_cast<double>(total->second);
}

// -- lists -------------------------------------------------------------------------

bool is_called(const proc_entry& x, const std::string& name) {
  if (x.comm == name)
    return true;
  auto program = x.cmdline.substr(0, x.cmdline.find(' '));
  return program.substr(program.rfind('/') + 1) == name;
}

answer ids(const sysinfo_query& x) {
  auto name = x.argument(0, "a name or \"all\"");
  if (!name)
    return name.error();
  std::vector<pid_t> pids;
  each_process([&](const proc_entry& one) {
    if (*name == "all" || is_called(one, *name))
      pids.push_back(one.pid);
    return true;
  });
  if (pids.empty())
    return fail(errc::not_found,
                "no process is called \"" + printable(*name, 40) + "\"");
  std::sort(pids.begin(), pids.end());
  std::string out = "[";
  for (auto pid : pids)
    out += (out.size() > 1 ? "," : "") + std::to_string(pid);
  return out + "]";
}

// -- one process -------------------------------------------------------------------

answer memory(const sysinfo_query& x) {
  auto pid = x.pid(0);
  if (!pid)
    return pid.error();
  auto status = file_of(x, *pid, "status");
  if (!status)
    return status.error();
  auto field = x.last_word() == "used" ? "VmSize" : "VmRSS";
  // Threads of the kernel and zombies have none.
  auto bytes = status_bytes(*status, field).value_or(0);
  if (x.last_word() == "pused")
    return share_of_memory(x, bytes);
  return x.in_unit(bytes, 1);
}

double percent_of_core(std::uint64_t ticks, double seconds) {
  auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return seconds <= 0 ? 0
                      : 100 * static_cast<double>(ticks) / per_second / seconds;
}

std::uint64_t ticks_of(const proc_stat& x) {
  return x.user_ticks + x.system_ticks;
}

answer load(const sysinfo_query& x) {
  auto pid = x.pid(0);
  if (!pid)
    return pid.error();
  auto before = stat_of(x, *pid);
  if (!before)
    return before.error();
  x.from.pause(100ms);
  auto after = stat_of(x, *pid);
  if (!after)
    return after.error();
  if (after->start_time != before->start_time)
    return no_process(*pid);
  return percent_of_core(ticks_of(*after) - ticks_of(*before), 0.1);
}

/// R S D Z T W as the numbers 1 to 6, everything else 0.
std::size_t state_number(char state) {
  constexpr std::string_view states = "RSDZTW";
  auto at = states.find(state);
  return at == states.npos ? 0 : at + 1;
}

/// Since it began, as ps shows it: one look cannot know what is now.
double average_load(const sysinfo_query& x, const proc_stat& stat) {
  auto text = x.from.read("/proc/uptime").value_or("");
  auto up = parse_integer(text.substr(0, text.find('.'))).value_or(0);
  auto began = static_cast<double>(stat.start_time)
               / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return percent_of_core(ticks_of(stat), static_cast<double>(up) - began);
}

std::string fixed(double x) {
  char text[64];
  auto n = std::snprintf(text, sizeof(text), "%.6f", x);
  return {text, static_cast<std::size_t>(n)};
}

std::string command_line(const sysinfo_query& x, std::string text) {
  while (!text.empty() && text.back() == '\0')
    text.pop_back();
  std::vector<std::string> words;
  for (auto word : split(text, '\0'))
    words.emplace_back(word);
  if (x.from.told)
    words = x.from.told(words);
  text.clear();
  for (auto& word : words)
    text += (&word == words.data() ? "" : " ") + word;
  return text;
}

answer everything(const sysinfo_query& x) {
  auto pid = x.pid(0);
  if (!pid)
    return pid.error();
  auto stat = stat_of(x, *pid);
  if (!stat)
    return stat.error();
  auto status = file_of(x, *pid, "status");
  if (!status)
    return status.error();
  auto size = [&](const char* field) {
    return status_bytes(*status, field).value_or(0);
  };
  std::string out = "{\"PID\":" + std::to_string(*pid);
  auto add = [&](const char* name, const std::string& value) {
    out += std::string{",\""} + name + "\":" + value;
  };
  auto quoted = [](std::string_view text) {
    std::string json;
    append_json(json, text);
    return json;
  };
  auto cmdline = x.from.read("/proc/" + std::to_string(*pid) + "/cmdline");
  add("UID", std::to_string(number_field(*status, "Uid").value_or(0)));
  add("Name", quoted(stat->comm));
  add("Fullname", quoted(command_line(x, cmdline.value_or(""))));
  add("Threads", std::to_string(stat->threads));
  add("VIRT", std::to_string(size("VmSize") / 1024));
  add("RES", std::to_string(size("VmRSS") / 1024));
  add("SHR", std::to_string((size("RssFile") + size("RssShmem")) / 1024));
  add("State", std::to_string(state_number(stat->state)));
  add("PCPU", fixed(average_load(x, *stat)));
  add("PMEM", fixed(share_of_memory(x, size("VmRSS"))));
  return out + "}";
}

} // namespace

std::span<const sysinfo_key> process_keys() {
  static constexpr sysinfo_key keys[] = {
    {"system.proc.id", 1, ids},          {"system.proc.mem.rss", 2, memory},
    {"system.proc.mem.used", 2, memory}, {"system.proc.mem.pused", 1, memory},
    {"system.proc.cpu.load", 1, load},   {"system.proc.all", 1, everything},
  };
  return keys;
}

} // namespace saker::process
