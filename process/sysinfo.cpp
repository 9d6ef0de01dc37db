#include "process/sysinfo.hpp"

#include "base/text.hpp"
#include "process/sysinfo_keys.hpp"

#include <algorithm>
#include <thread>

namespace saker::process {

namespace {

std::vector<sysinfo_key> all_keys() {
  std::vector<sysinfo_key> out;
  for (auto family : {machine_keys, network_keys, cgroup_keys, process_keys})
    for (auto& x : family())
      out.push_back(x);
  return out;
}

} // namespace

system_view system_view::current() {
  return {
    [](const std::string& path) { return read_proc(path); },
    [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }};
}

result<std::string> sysinfo_query::file(const std::string& path) const {
  if (auto text = from.read(path))
    return std::move(*text);
  return fail(errc::unsupported, path + ": cannot be read here");
}

failure sysinfo_query::unreadable(const std::string& path) const {
  return fail(errc::unsupported, path + ": has not the expected form");
}

result<std::string>
sysinfo_query::argument(std::size_t i, const char* what) const {
  if (i < arguments.size() && !arguments[i].empty())
    return arguments[i];
  return fail(errc::invalid_argument, std::string{what} + " is missing");
}

result<sysinfo_value>
sysinfo_query::in_unit(std::uint64_t bytes, std::size_t i) const {
  constexpr std::string_view units = "kmgt";
  if (i >= arguments.size())
    return sysinfo_value{static_cast<std::int64_t>(bytes)};
  auto unit = to_lower(arguments[i]);
  auto at = unit.empty() ? units.npos : units.find(unit.front());
  if (at == units.npos || (unit.size() > 1 && unit.substr(1) != "b"))
    return fail(errc::invalid_argument,
                "the unit must be kb, mb, gb or tb, not \""
                  + printable(arguments[i], 20) + "\"");
  return sysinfo_value{static_cast<std::int64_t>(bytes >> (10 * (at + 1)))};
}

result<pid_t> sysinfo_query::pid(std::size_t i) const {
  constexpr long long highest = 1 << 22;
  auto text = argument(i, "the pid");
  if (!text)
    return text.error();
  auto x = parse_integer(*text);
  if (!x || *x < 1 || *x > highest)
    return fail(errc::invalid_argument,
                "\"" + printable(*text, 20) + "\" is no pid");
  return static_cast<pid_t>(*x);
}

result<sysinfo_value>
sysinfo(std::string_view key, std::span<const std::string> arguments,
        const system_view& from) {
  auto wrong = [&](const std::string& why) {
    return fail(errc::invalid_argument, std::string{key} + ": " + why);
  };
  for (auto& x : all_keys()) {
    if (!equal_ignoring_case(x.name, key))
      continue;
    if (arguments.size() > x.most_arguments)
      return wrong("takes at most " + std::to_string(x.most_arguments)
                   + " arguments");
    for (auto& word : arguments)
      if (word.find('\0') != word.npos)
        return wrong("an argument cannot hold zero bytes");
    auto value = x.answer({arguments, from, x.name});
    if (!value)
      return fail(value.error().code,
                  std::string{x.name} + ": " + value.error().detail);
    return value;
  }
  return fail(errc::not_found, "there is no key \"" + printable(key, 80) + "\""
                                 + did_you_mean(key, sysinfo_keys()));
}

std::vector<std::string> sysinfo_keys() {
  std::vector<std::string> out;
  for (auto& x : all_keys())
    out.emplace_back(x.name);
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace saker::process
