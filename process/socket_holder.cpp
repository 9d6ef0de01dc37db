#include "process/socket_holder.hpp"

#include "base/text.hpp"
#include "process/proc_stat.hpp"
#include "process/proc_table.hpp"
#include "process/wall_time.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <vector>

namespace saker::process {

namespace {

/// What the links in /proc/PID/fd say: `socket:[4711]`.
using names = std::set<std::string>;

constexpr std::size_t whole_table = std::size_t{64} << 20;

std::vector<std::string_view> words(std::string_view line) {
  auto all = split(line, ' ');
  std::erase(all, std::string_view{});
  return all;
}

/// `sl local remote state queues timer retransmits uid timeout inode …`
void add_listeners(const char* table, std::uint16_t port, names& found) {
  std::array<char, 8> tail{};
  std::snprintf(tail.data(), tail.size(), ":%04X", port);
  auto text = read_proc(table, whole_table).value_or("");
  for (auto line : split(text, '\n'))
    if (auto x = words(line);
        x.size() > 9 && x[3] == "0A" && x[1].ends_with(tail.data()))
      found.insert("socket:[" + std::string{x[9]} + "]");
}

/// `address references protocol flags type state inode path`
void add_socket_file(const std::string& path, names& found) {
  auto text = read_proc("/proc/net/unix", whole_table).value_or("");
  for (auto line : split(text, '\n'))
    if (auto x = words(line); x.size() > 7) {
      // A path may have blanks: it is all that stands behind the inode.
      auto end = static_cast<std::size_t>(x[6].data() - line.data())
                 + x[6].size() + 1;
      if (line.substr(end) == path)
        found.insert("socket:[" + std::string{x[6]} + "]");
    }
}

bool has_one_of(pid_t pid, const names& wanted) {
  namespace fs = std::filesystem;
  std::error_code ec;
  fs::directory_iterator all{"/proc/" + std::to_string(pid) + "/fd", ec};
  for (; !ec && all != fs::directory_iterator{}; all.increment(ec)) {
    std::error_code gone;
    if (wanted.contains(fs::read_symlink(all->path(), gone).string()))
      return true;
  }
  return false;
}

/// The oldest of those that share it: the one that made it.
std::string holder_of(const names& wanted) {
  if (wanted.empty())
    return {};
  std::optional<proc_entry> first;
  each_process([&](const proc_entry& x) {
    if ((!first || x.start_time < first->start_time)
        && has_one_of(x.pid, wanted))
      first = x;
    return true;
  });
  if (!first)
    return {};
  auto text = printable(first->comm) + " (pid " + std::to_string(first->pid);
  if (auto since = wall_time_of(first->start_time))
    text += ", since " + utc_text(*since);
  return text + ")";
}

} // namespace

std::string port_holder(std::uint16_t port) {
  names wanted;
  add_listeners("/proc/net/tcp", port, wanted);
  add_listeners("/proc/net/tcp6", port, wanted);
  return holder_of(wanted);
}

std::string socket_holder(const std::string& path) {
  names wanted;
  add_socket_file(path, wanted);
  return holder_of(wanted);
}

} // namespace saker::process
