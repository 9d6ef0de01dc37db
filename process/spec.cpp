#include "process/spec.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace saker::process {

namespace {

struct named_limit {
  std::string_view name;
  int number;
};

constexpr std::array<named_limit, 16> known_limits = {{
  {"as", RLIMIT_AS},
  {"core", RLIMIT_CORE},
  {"cpu", RLIMIT_CPU},
  {"data", RLIMIT_DATA},
  {"fsize", RLIMIT_FSIZE},
  {"locks", RLIMIT_LOCKS},
  {"memlock", RLIMIT_MEMLOCK},
  {"msgqueue", RLIMIT_MSGQUEUE},
  {"nice", RLIMIT_NICE},
  {"nofile", RLIMIT_NOFILE},
  {"nproc", RLIMIT_NPROC},
  {"rss", RLIMIT_RSS},
  {"rtprio", RLIMIT_RTPRIO},
  {"rttime", RLIMIT_RTTIME},
  {"sigpending", RLIMIT_SIGPENDING},
  {"stack", RLIMIT_STACK},
}};

} // namespace

std::optional<int> limit_number(std::string_view name) noexcept {
  constexpr std::string_view prefix = "RLIMIT_";
  if (name.size() > prefix.size()
      && equal_ignoring_case(name.substr(0, prefix.size()), prefix))
    name.remove_prefix(prefix.size());
  for (auto& x : known_limits)
    if (equal_ignoring_case(x.name, name))
      return x.number;
  return std::nullopt;
}

std::string_view limit_name(int resource) noexcept {
  for (auto& x : known_limits)
    if (x.number == resource)
      return x.name;
  return {};
}

std::vector<std::string> limit_names() {
  std::vector<std::string> names;
  for (auto& x : known_limits)
    names.emplace_back(x.name);
  return names;
}

} // namespace saker::process
