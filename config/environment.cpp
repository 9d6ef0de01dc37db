#include "config/environment.hpp"

#include "base/text.hpp"

#include <array>
#include <cstdlib>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace saker::config {

namespace {

std::string variable(const char* name) {
  // Read once at start, before threads exist.
  auto* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  return value ? std::string{value} : std::string{};
}

/// $HOME, else what the user data base says, else `/`.
std::filesystem::path home_directory() {
  if (auto home = variable("HOME"); !home.empty() && home.front() == '/')
    return home;
  std::vector<char> memory(std::size_t{16} * 1024);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, memory.data(), memory.size(), &found);
  if (found && found->pw_dir && found->pw_dir[0] == '/')
    return found->pw_dir;
  return "/";
}

/// XDG demands absolute paths; others count as unset.
std::filesystem::path
absolute_or(const std::string& value, const std::filesystem::path& otherwise) {
  return !value.empty() && value.front() == '/' ? std::filesystem::path{value}
                                                : otherwise;
}

bool letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

bool name_byte(char c) noexcept {
  return letter_or_digit(c) || c == '_' || c == '.' || c == '-';
}

constexpr std::size_t longest_name = 63;

} // namespace

environment environment::current() {
  environment result;
  result.uid = ::geteuid();
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0)
    result.host_name = name.data();
  result.home = home_directory();
  result.xdg_config_home = variable("XDG_CONFIG_HOME");
  result.xdg_state_home = variable("XDG_STATE_HOME");
  result.xdg_runtime_dir = variable("XDG_RUNTIME_DIR");
  return result;
}

std::filesystem::path environment::config_dir() const {
  if (uid == 0)
    return "/etc/saker";
  return absolute_or(xdg_config_home, home / ".config") / "saker";
}

std::filesystem::path environment::state_home() const {
  if (uid == 0)
    return "/var/lib";
  return absolute_or(xdg_state_home, home / ".local/state");
}

std::filesystem::path environment::runtime_dir() const {
  if (uid == 0)
    return "/run/saker";
  auto shared = "/tmp/saker-" + std::to_string(uid);
  return xdg_runtime_dir.empty() || xdg_runtime_dir.front() != '/'
           ? std::filesystem::path{shared}
           : std::filesystem::path{xdg_runtime_dir} / "saker";
}

std::string environment::node_name() const {
  auto result = host_name.substr(0, longest_name);
  for (auto& c : result)
    if (!name_byte(c))
      c = '-';
  if (result.empty() || !letter_or_digit(result.front()))
    return "node";
  return result;
}

bool valid_name(std::string_view x) noexcept {
  if (x.empty() || x.size() > longest_name || !letter_or_digit(x.front()))
    return false;
  for (auto c : x)
    if (!name_byte(c))
      return false;
  return true;
}

} // namespace saker::config
