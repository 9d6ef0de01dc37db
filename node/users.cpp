#include "node/users.hpp"

#include "base/text.hpp"
#include "process/proc_stat.hpp"

#include <cstdlib>
#include <string>
#include <vector>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <unistd.h>

namespace saker::node {

namespace {

bool is_number(std::string_view x) {
  auto n = parse_integer(x);
  return n && *n >= 0;
}

bool user_exists(std::string_view name) {
  if (is_number(name))
    return true;
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(std::string{name}.c_str(), &entry, buffer.data(), buffer.size(),
               &found);
  return found != nullptr;
}

bool group_exists(std::string_view name) {
  if (is_number(name))
    return true;
  std::vector<char> buffer(16 * 1024);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(std::string{name}.c_str(), &entry, buffer.data(), buffer.size(),
               &found);
  return found != nullptr;
}

/// Whether the kernel lets us do what only root may, as a rule: `CapEff` of
/// /proc/self/status.
bool has_capability(unsigned number) {
  auto status = process::read_proc("/proc/self/status").value_or("");
  auto at = status.find("\nCapEff:\t");
  if (at == std::string::npos)
    return ::geteuid() == 0;
  auto bits = std::strtoull(status.c_str() + at + 9, nullptr, 16);
  return (bits >> number & 1) != 0;
}

bool is_us(std::string_view name) {
  if (auto number = parse_integer(name))
    return *number == static_cast<long long>(::geteuid());
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(std::string{name}.c_str(), &entry, buffer.data(), buffer.size(),
               &found);
  return found && found->pw_uid == ::geteuid();
}

bool may_become(std::string_view name) {
  return has_capability(CAP_SETUID) || is_us(name);
}

bool may_set_groups() {
  return has_capability(CAP_SETGID);
}

} // namespace

lua::definition_options definition_checks() {
  lua::definition_options options;
  options.now = [] { return std::chrono::steady_clock::now(); };
  options.user_exists = user_exists;
  options.group_exists = group_exists;
  options.may_become = may_become;
  options.may_set_groups = may_set_groups;
  return options;
}

} // namespace saker::node
