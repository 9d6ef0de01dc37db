#include "node/users.hpp"

#include "base/text.hpp"
#include "node/capabilities.hpp"
#include "process/account.hpp"
#include "process/proc_stat.hpp"

#include <string>
#include <vector>

#include <grp.h>
#include <linux/capability.h>
#include <unistd.h>

namespace saker::node {

namespace {

bool is_number(std::string_view x) {
  auto n = parse_integer(x);
  return n && *n >= 0;
}

/// The first words of the lines of a list that looks like /etc/passwd.
std::vector<std::string> names_in(const char* list) {
  std::vector<std::string> names;
  auto text = process::read_proc(list).value_or("");
  for (auto line : split(text, '\n'))
    if (auto colon = line.find(':'); colon != line.npos && colon > 0)
      names.emplace_back(line.substr(0, colon));
  return names;
}

bool user_exists(std::string_view name) {
  return is_number(name) || process::find_uid(std::string{name});
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

bool is_us(std::string_view name) {
  auto uid = process::find_uid(std::string{name});
  return uid && *uid == ::geteuid();
}

bool may_become(std::string_view name) {
  return has_capability(CAP_SETUID) || is_us(name);
}

bool may_set_groups() {
  return has_capability(CAP_SETGID);
}

} // namespace

void add_user_checks(lua::definition_host& to) {
  to.user_exists = user_exists;
  to.group_exists = group_exists;
  to.users = [] { return names_in("/etc/passwd"); };
  to.groups = [] { return names_in("/etc/group"); };
  to.may_become = may_become;
  to.may_set_groups = may_set_groups;
}

} // namespace saker::node
