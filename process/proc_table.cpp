#include "process/proc_table.hpp"

#include "base/text.hpp"
#include "process/proc_stat.hpp"

#include <algorithm>
#include <charconv>

namespace saker::process {

namespace {

// `Uid:\treal\teffective\tsaved\tfile`. The owner of the directory would be
// root for every process that is not dumpable.
std::optional<uid_t> effective_uid(std::string_view status) {
  auto at = status.find("\nUid:\t");
  if (at == std::string_view::npos)
    return std::nullopt;
  auto line = status.substr(at + 6, 64);
  auto tab = line.find('\t');
  if (tab == std::string_view::npos)
    return std::nullopt;
  uid_t uid = 0;
  auto begin = line.data() + tab + 1;
  auto end = line.data() + line.size();
  if (std::from_chars(begin, end, uid).ec != std::errc{})
    return std::nullopt;
  return uid;
}

std::string with_blanks(std::string text) {
  while (!text.empty() && text.back() == '\0')
    text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

} // namespace

std::optional<proc_entry> find_process(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat)
    return std::nullopt;
  auto folder = "/proc/" + std::to_string(pid);
  auto status = read_proc(folder + "/status");
  auto uid = status ? effective_uid(*status) : std::nullopt;
  if (!uid)
    return std::nullopt;
  proc_entry x;
  x.pid = pid;
  x.parent = stat->parent;
  x.uid = *uid;
  x.state = stat->state;
  x.kernel = stat->kernel_thread();
  x.start_time = stat->start_time;
  x.comm = std::move(stat->comm);
  if (auto cmdline = read_proc(folder + "/cmdline"))
    x.cmdline = with_blanks(std::move(*cmdline));
  return x;
}

void each_process(const std::function<bool(const proc_entry&)>& visit) {
  // Without /proc there is nothing to visit.
  (void)each_number("/proc", [&](int pid) {
    auto x = find_process(pid);
    return !x || visit(*x);
  });
}

} // namespace saker::process
