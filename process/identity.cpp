#include "process/identity.hpp"

#include "base/text.hpp"
#include "process/proc_stat.hpp"
#include "process/wait.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t environment_limit = std::size_t{8} << 20;

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

boot_id read_boot_id() {
  boot_id id{};
  auto text = read_proc("/proc/sys/kernel/random/boot_id");
  std::size_t digits = 0;
  for (auto c : text.value_or(""))
    if (auto digit = hex_digit(c); digit && digits < 2 * id.size()) {
      auto& byte = id[digits++ / 2];
      byte = static_cast<std::uint8_t>(byte << 4 | *digit);
    }
  return id;
}

std::string folder_of(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

/// 0 when it may not be asked.
std::uint64_t namespace_inode(const std::string& folder) {
  struct stat x = {};
  return ::stat((folder + "/ns/pid").c_str(), &x) == 0 ? x.st_ino : 0;
}

/// The pids of a process from our namespace down to its own.
std::size_t namespace_depth(const std::string& folder) {
  auto status = read_proc(folder + "/status").value_or("");
  auto at = status.find("\nNSpid:");
  if (at == std::string::npos)
    return 0;
  auto line = status.substr(at + 1, status.find('\n', at + 1) - at - 1);
  return static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t'));
}

std::uint64_t own_namespace() {
  static const auto inode = namespace_inode("/proc/self");
  return inode;
}

// The link is readable with the rights of a debugger only; the depth by all.
bool in_our_namespace(pid_t pid) {
  auto folder = folder_of(pid);
  if (auto inode = namespace_inode(folder))
    return inode == own_namespace();
  return namespace_depth(folder) == namespace_depth("/proc/self");
}

failure gone(pid_t pid) {
  return fail(errc::not_found, "no process " + std::to_string(pid));
}

void add_numbers(std::string_view text, std::vector<pid_t>& pids) {
  for (auto piece : split(text, ' '))
    if (auto pid = parse_integer(piece))
      pids.push_back(static_cast<pid_t>(*pid));
}

} // namespace

const boot_id& this_boot() noexcept {
  static const auto id = read_boot_id();
  return id;
}

std::string to_string(const boot_id& x) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (auto byte : x) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

result<known_process> open_process(pid_t pid) {
  if (pid <= 0)
    return gone(pid);
  unique_fd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (!pidfd && errno != ESRCH && errno != EINVAL)
    return system_failure("open", "process " + std::to_string(pid), errno);
  if (!pidfd)
    return gone(pid);
  auto stat = read_stat(pid);
  auto ours = in_our_namespace(pid);
  // Alive now, so nobody else had the pid while /proc was read.
  if (!stat || has_ended(pidfd.get()))
    return gone(pid);
  if (!ours)
    return fail(errc::refused, "process " + std::to_string(pid)
                                 + " lives in another pid namespace");
  return known_process{{this_boot(), own_namespace(), pid, stat->start_time},
                       std::move(pidfd)};
}

result<identity> identify_child(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat)
    return gone(pid);
  return identity{this_boot(), own_namespace(), pid, stat->start_time};
}

result<unique_fd> open_pidfd(const identity& who) {
  auto found = open_process(who.pid);
  if (!found)
    return found.error();
  if (found->who != who)
    return gone(who.pid);
  return std::move(found->pidfd);
}

bool same_process(const identity& who) {
  return open_pidfd(who).has_value();
}

std::vector<pid_t> children() {
  return children(::getpid());
}

std::vector<pid_t> children(pid_t of) {
  std::vector<pid_t> pids;
  auto folder = "/proc/" + std::to_string(of) + "/task";
  // Without /proc we know of none.
  (void)each_number(folder, [&](int thread) {
    auto path = folder + '/' + std::to_string(thread) + "/children";
    if (auto text = read_proc(path, std::size_t{64} << 20))
      add_numbers(*text, pids);
    return true;
  });
  return pids;
}

std::optional<kinship> kinship_of(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat)
    return std::nullopt;
  return kinship{stat->parent, stat->group, stat->session};
}

std::string to_string(const instance_marker& x) {
  return std::string{instance_variable} + '=' + x.key + '#'
         + std::to_string(x.spawn_id);
}

std::optional<instance_marker> parse_instance(std::string_view text) {
  auto hash = text.rfind('#');
  if (hash == std::string_view::npos || hash == 0)
    return std::nullopt;
  auto number = text.substr(hash + 1);
  std::uint64_t id = 0;
  auto end = number.data() + number.size();
  auto [stop, ec] = std::from_chars(number.data(), end, id);
  if (number.empty() || ec != std::errc{} || stop != end)
    return std::nullopt;
  return instance_marker{std::string{text.substr(0, hash)}, id};
}

std::optional<instance_marker> instance_of(pid_t pid) {
  auto text = read_proc(folder_of(pid) + "/environ", environment_limit);
  if (!text)
    return std::nullopt;
  auto prefix = std::string{instance_variable} + '=';
  for (auto variable : split(*text, '\0'))
    if (variable.starts_with(prefix))
      return parse_instance(variable.substr(prefix.size()));
  return std::nullopt;
}

} // namespace saker::process
