#include "process/account.hpp"

#include "base/text.hpp"

#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t entry_size = std::size_t{16} << 10;

} // namespace

std::optional<uid_t> uid_of(const std::string& user) {
  if (user.empty())
    return ::geteuid();
  if (auto number = parse_integer(user))
    return static_cast<uid_t>(*number);
  std::vector<char> memory(entry_size);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(user.c_str(), &entry, memory.data(), memory.size(), &found);
  return found ? std::optional{found->pw_uid} : std::nullopt;
}

std::string user_name(uid_t uid) {
  std::vector<char> memory(entry_size);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
  return found ? found->pw_name : std::to_string(uid);
}

} // namespace saker::process
