#include "process/system_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace saker::process {

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  std::vector<std::string_view> out;
  for (auto at = line.find_first_not_of(blanks); at != line.npos;
       at = line.find_first_not_of(blanks, at)) {
    auto end = std::min(line.find_first_of(blanks, at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end;
  }
  return out;
}

template <class T>
std::optional<T> number(std::string_view x) {
  T value{};
  auto [end, ec] = std::from_chars(x.data(), x.data() + x.size(), value);
  if (ec != std::errc{} || end != x.data() + x.size())
    return std::nullopt;
  return value;
}

template <class T>
std::optional<T>
number_at(const std::vector<std::string_view>& words, std::size_t i) {
  return i < words.size() ? number<T>(words[i]) : std::nullopt;
}

/// What stands behind `field` and a colon, blank or tab in its line.
std::optional<std::string_view>
field_of(std::string_view text, std::string_view field) {
  for (auto line : split(text, '\n'))
    if (line.starts_with(field) && line.size() > field.size()) {
      auto rest = line.substr(field.size());
      if (rest.front() == ':')
        return trim(rest.substr(1));
      if (rest.front() == ' ' || rest.front() == '\t')
        return trim(rest);
    }
  return std::nullopt;
}

/// `16384 kB`.
std::optional<std::uint64_t> bytes(std::string_view x) {
  auto words = words_of(x);
  auto value = number_at<std::uint64_t>(words, 0);
  if (!value)
    return std::nullopt;
  return words.size() > 1 && words[1] == "kB" ? *value * 1024 : *value;
}

} // namespace

std::map<std::string, std::uint64_t, std::less<>>
parse_meminfo(std::string_view text) {
  std::map<std::string, std::uint64_t, std::less<>> out;
  for (auto line : split(text, '\n')) {
    auto colon = line.find(':');
    if (colon == line.npos)
      continue;
    if (auto value = bytes(line.substr(colon + 1)))
      out.emplace(line.substr(0, colon), *value);
  }
  return out;
}

std::optional<std::uint64_t>
status_bytes(std::string_view text, std::string_view field) {
  auto value = field_of(text, field);
  return value ? bytes(*value) : std::nullopt;
}

std::optional<std::uint64_t>
number_field(std::string_view text, std::string_view field) {
  auto value = field_of(text, field);
  return value ? number_at<std::uint64_t>(words_of(*value), 0) : std::nullopt;
}

std::optional<load_average> parse_loadavg(std::string_view text) {
  auto words = words_of(text);
  auto avg1 = number_at<double>(words, 0);
  auto avg5 = number_at<double>(words, 1);
  auto avg15 = number_at<double>(words, 2);
  if (!avg1 || !avg5 || !avg15)
    return std::nullopt;
  return load_average{*avg1, *avg5, *avg15};
}

std::optional<cpu_ticks> parse_cpu_ticks(std::string_view text) {
  // user nice system idle iowait irq softirq steal; guests are in user.
  constexpr std::size_t counted = 8;
  constexpr std::size_t idle = 3;
  constexpr std::size_t waiting = 4;
  auto line = field_of(text, "cpu");
  if (!line)
    return std::nullopt;
  auto words = words_of(*line);
  cpu_ticks out;
  for (std::size_t i = 0; i < counted; ++i) {
    auto ticks = number_at<std::uint64_t>(words, i);
    if (!ticks && i <= waiting)
      return std::nullopt;
    out.total += ticks.value_or(0);
    if (i != idle && i != waiting)
      out.busy += ticks.value_or(0);
  }
  return out;
}

std::vector<net_interface> parse_net_dev(std::string_view text) {
  constexpr std::size_t received = 0;
  constexpr std::size_t sent = 8;
  constexpr std::size_t collisions = 13;
  std::vector<net_interface> out;
  for (auto line : split(text, '\n')) {
    auto colon = line.rfind(':'); // an alias has one in its name
    if (colon == line.npos)
      continue;
    auto words = words_of(line.substr(colon + 1));
    auto in = number_at<std::uint64_t>(words, received);
    auto away = number_at<std::uint64_t>(words, sent);
    if (!in || !away)
      continue;
    out.push_back({std::string{trim(line.substr(0, colon))}, *in, *away,
                   number_at<std::uint64_t>(words, collisions).value_or(0)});
  }
  return out;
}

std::optional<double>
pressure(std::string_view text, std::string_view line, std::string_view field) {
  auto rest = field_of(text, line);
  if (!rest)
    return std::nullopt;
  for (auto word : words_of(*rest))
    if (word.starts_with(field) && word.substr(field.size()).starts_with('='))
      return number<double>(word.substr(field.size() + 1));
  return std::nullopt;
}

std::optional<std::string> cgroup_path(std::string_view text) {
  for (auto line : split(text, '\n'))
    if (line.starts_with("0::/"))
      return std::string{trim(line.substr(3))};
  return std::nullopt;
}

} // namespace saker::process
