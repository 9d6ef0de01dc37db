#include "node/definition_checks.hpp"

#include "actors/applied.hpp"
#include "base/text.hpp"
#include "config/trusted_path.hpp"
#include "node/capabilities.hpp"
#include "node/users.hpp"
#include "process/account.hpp"
#include "process/named_process.hpp"
#include "process/pidof.hpp"
#include "process/proc_stat.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <linux/capability.h>
#include <sys/resource.h>
#include <unistd.h>

namespace saker::node {

namespace {

/// Not even root may have more open files than that.
std::uint64_t most_open_files() {
  auto text = process::read_proc("/proc/sys/fs/nr_open").value_or("");
  auto number = parse_integer(trim(text));
  return number ? static_cast<std::uint64_t>(*number) : RLIM_INFINITY;
}

std::uint64_t highest_limit(int resource) {
  if (has_capability(CAP_SYS_RESOURCE))
    return resource == RLIMIT_NOFILE ? most_open_files() : RLIM_INFINITY;
  rlimit now = {};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0)
    return RLIM_INFINITY;
  return now.rlim_max;
}

int lowest_nice() {
  constexpr auto lowest = -20;
  if (has_capability(CAP_SYS_NICE))
    return lowest;
  auto own = ::getpriority(PRIO_PROCESS, 0);
  rlimit now = {};
  if (::getrlimit(RLIMIT_NICE, &now) != 0)
    return own;
  // 1 to 40 stand for 19 to -20.
  auto allowed = 20 - static_cast<int>(std::min<rlim_t>(now.rlim_cur, 40));
  return std::min(own, allowed);
}

/// Whether more is allowed than what we have ourselves cannot be asked: the
/// start will tell.
int lowest_oom() {
  constexpr auto lowest = -1000;
  if (has_capability(CAP_SYS_RESOURCE))
    return lowest;
  auto text = process::read_proc("/proc/self/oom_score_adj").value_or("");
  return static_cast<int>(std::min(parse_integer(trim(text)).value_or(0), 0LL));
}

bool is_directory(const std::string& path) {
  std::error_code ec;
  return std::filesystem::is_directory(path, ec);
}

bool is_program(const std::string& path) {
  std::error_code ec;
  return std::filesystem::is_regular_file(path, ec)
         && ::access(path.c_str(), X_OK) == 0;
}

result<void> safe_pidfile(const std::string& path, const std::string& user) {
  auto own = ::geteuid();
  if (!user.empty())
    if (auto uid = process::uid_of(user))
      own = *uid;
  auto dir = std::filesystem::path{path}.parent_path();
  if (!is_directory(dir.string()))
    return fail(errc::not_found, "there is no directory "
                                   + printable(dir.string(), 200)
                                   + ": nobody can write it there until there "
                                     "is");
  std::error_code ec;
  auto exists
    = std::filesystem::exists(std::filesystem::symlink_status(path, ec));
  return config::trusted_path(exists ? path : dir.string(), own);
}

} // namespace

lua::definition_options definition_checks(std::optional<pid_t> keeper) {
  lua::definition_options options;
  options.now = [] { return std::chrono::steady_clock::now(); };
  add_user_checks(options);
  options.highest_limit = highest_limit;
  options.lowest_nice = lowest_nice;
  options.lowest_oom = lowest_oom;
  options.has_cpu = [](int cpu) {
    return cpu < ::sysconf(_SC_NPROCESSORS_CONF);
  };
  options.is_directory = is_directory;
  options.is_program = is_program;
  options.safe_pidfile = safe_pidfile;
  if (keeper)
    options.names_child = [keeper](const std::string& pidfile) {
      auto named = process::process_named_by(pidfile);
      return named && process::descends_from(named->who.pid, *keeper);
    };
  if (auto* path = ::getenv("PATH"))
    options.path = path;
  options.read_file = [](const std::string&, const std::string& path) {
    return read_trusted(path);
  };
  return options;
}

} // namespace saker::node
