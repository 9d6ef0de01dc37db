#include "node/users.hpp"

#include "base/text.hpp"

#include <vector>

#include <grp.h>
#include <pwd.h>

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

} // namespace

lua::definition_options definition_checks() {
  lua::definition_options options;
  options.now = [] { return std::chrono::steady_clock::now(); };
  options.user_exists = user_exists;
  options.group_exists = group_exists;
  return options;
}

} // namespace saker::node
