#include "base/units.hpp"

#include "base/text.hpp"

#include <charconv>
#include <cmath>

namespace saker {

namespace {

struct duration_unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr duration_unit duration_units[] = {
  {"ns", 1},
  {"us", 1'000},
  {"ms", 1'000'000},
  {"s", 1'000'000'000},
  {"m", 60'000'000'000},
  {"min", 60'000'000'000},
  {"h", 3'600'000'000'000},
  {"d", 86'400'000'000'000},
  {"day", 86'400'000'000'000},
  {"days", 86'400'000'000'000},
};

struct size_unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr size_unit size_units[] = {
  {"", 1},
  {"b", 1},
  {"k", 1'000},
  {"kb", 1024},
  {"m", 1'000'000},
  {"mb", 1024ull * 1024},
  {"g", 1'000'000'000},
  {"gb", 1024ull * 1024 * 1024},
};

/// Longest duration that is accepted: 100 years stay far from overflow.
constexpr double max_nanoseconds = 100.0 * 366 * 86'400 * 1e9;

} // namespace

result<std::chrono::nanoseconds> parse_duration(std::string_view x) {
  auto bad = [&](std::string_view why) {
    return fail(errc::syntax, "\"" + printable(x, 40)
                                + "\" is not a duration: " + std::string{why}
                                + "; write for example \"200ms\", \"10s\", "
                                  "\"5m\", \"2h\"");
  };
  auto rest = trim(x);
  if (rest == "0")
    return std::chrono::nanoseconds{0};
  double total = 0;
  if (rest.empty())
    return bad("it is empty");
  while (!rest.empty()) {
    double number = 0;
    auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(),
                                     number, std::chars_format::fixed);
    if (ec != std::errc{} || number < 0)
      return bad("a number is missing");
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    rest = trim(rest);
    auto length = rest.find_first_of(" .0123456789");
    auto name = to_lower(rest.substr(0, length));
    auto found = false;
    for (auto& unit : duration_units)
      if (unit.name == name) {
        total += number * static_cast<double>(unit.nanoseconds);
        found = true;
      }
    if (!found)
      return bad(name.empty() ? "a unit is missing" : "unknown unit");
    rest.remove_prefix(name.size());
    rest = trim(rest);
  }
  if (total > max_nanoseconds)
    return bad("it is too long");
  return std::chrono::nanoseconds{
    static_cast<std::int64_t>(std::llround(total))};
}

std::string format_duration(std::chrono::nanoseconds x) {
  auto rest = x.count();
  if (rest == 0)
    return "0s";
  if (rest < 0)
    return "-" + format_duration(-x);
  constexpr duration_unit shown[] = {
    {"d", 86'400'000'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
  };
  std::string result;
  auto parts = 0;
  for (auto& unit : shown) {
    auto count = rest / unit.nanoseconds;
    if (count == 0)
      continue;
    result += std::to_string(count);
    result += unit.name;
    rest %= unit.nanoseconds;
    if (++parts == 2)
      break;
  }
  return result;
}

result<std::uint64_t> parse_size(std::string_view x) {
  auto rest = trim(x);
  std::uint64_t number = 0;
  auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(),
                                   number);
  auto bad = [&] {
    return fail(errc::syntax, "\"" + printable(x, 40)
                                + "\" is not a size; write for example "
                                  "\"512\", \"64kb\", \"64mb\", \"1gb\"");
  };
  if (ec != std::errc{})
    return bad();
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  auto name = to_lower(trim(rest));
  for (auto& unit : size_units)
    if (unit.name == name) {
      if (number > (std::uint64_t{1} << 62) / unit.bytes)
        return bad();
      return number * unit.bytes;
    }
  return bad();
}

std::string format_size(std::uint64_t x) {
  constexpr size_unit shown[]
    = {{"gb", 1024ull * 1024 * 1024}, {"mb", 1024ull * 1024}, {"kb", 1024}};
  for (auto& unit : shown)
    if (x != 0 && x % unit.bytes == 0)
      return std::to_string(x / unit.bytes) + std::string{unit.name};
  return std::to_string(x);
}

} // namespace saker
