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

failure too_long(std::string what, std::string limit) {
  return fail(errc::limit, "Argument list too long: " + std::move(what)
                             + " bytes, at most " + std::move(limit));
}

/// What a variable is called, not what is in it: that may be a secret.
std::string name_of_variable(const std::string& x) {
  return "variable " + printable(x.substr(0, x.find('=')), 60);
}

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
  names.reserve(known_limits.size());
  for (auto& x : known_limits)
    names.emplace_back(x.name);
  return names;
}

result<void> check_size(const std::vector<std::string>& argv,
                        const std::vector<std::string>& env) {
  std::size_t total = 0;
  auto fits = [&total](const std::string& x) {
    total += x.size() + 1 + sizeof(char*);
    return x.size() <= max_argument;
  };
  auto one = [](std::string what, const std::string& x) {
    return too_long(std::move(what) + " has " + std::to_string(x.size()),
                    std::to_string(max_argument) + " in one");
  };
  for (std::size_t i = 0; i < argv.size(); ++i)
    if (!fits(argv[i]))
      return one("argument " + std::to_string(i + 1), argv[i]);
  for (auto& x : env)
    if (!fits(x))
      return one(name_of_variable(x), x);
  if (total > max_arguments)
    return too_long("arguments and environment have " + std::to_string(total),
                    std::to_string(max_arguments) + " together");
  return {};
}

} // namespace saker::process
