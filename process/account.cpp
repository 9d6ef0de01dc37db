#include "process/account.hpp"

#include "base/text.hpp"

#include <cerrno>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t usual_entry = std::size_t{16} << 10;
constexpr std::size_t longest_entry = std::size_t{1} << 20;

} // namespace

result<uid_t> find_uid(const std::string& user) {
  auto number = parse_integer(user);
  if (number && *number >= 0 && *number < static_cast<uid_t>(-1))
    return static_cast<uid_t>(*number);
  for (auto size = usual_entry; size <= longest_entry; size *= 2) {
    std::vector<char> buffer(size);
    passwd entry = {};
    passwd* found = nullptr;
    auto error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), size,
                              &found);
    if (error == ERANGE)
      continue;
    if (found)
      return found->pw_uid;
    // "Not there" comes in several forms, depending on the name service.
    if (error == 0 || error == ENOENT || error == ESRCH)
      break;
    return system_failure("look up", "user " + printable(user), error);
  }
  return fail(errc::not_found, "there is no user \"" + printable(user) + "\"");
}

std::optional<uid_t> uid_of(const std::string& user) {
  if (user.empty())
    return ::geteuid();
  auto found = find_uid(user);
  return found ? std::optional{*found} : std::nullopt;
}

std::string user_name(uid_t uid) {
  std::vector<char> memory(usual_entry);
  passwd entry = {};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
  return found ? found->pw_name : std::to_string(uid);
}

} // namespace saker::process
