#include "cli/since.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <initializer_list>
#include <optional>

namespace saker::cli {

namespace {

constexpr std::int64_t day = 24 * 60 * 60;

/// `1764300000000-3`.
bool is_event_id(const std::string& text) {
  auto parts = split(text, '-');
  return parts.size() == 2 && parse_integer(parts[0]).value_or(-1) >= 0
         && parse_integer(parts[1]).value_or(-1) >= 0;
}

/// All of `text` in one of the forms of strptime.
bool reads(const std::string& text, std::initializer_list<const char*> forms,
           std::tm& into) {
  for (auto* form : forms) {
    auto parts = into;
    auto* end = ::strptime(text.c_str(), form, &parts);
    if (end && *end == '\0') {
      into = parts;
      return true;
    }
  }
  return false;
}

/// Seconds; nothing: it is no time of a clock.
std::optional<std::int64_t>
clock_time(const std::string& text, std::int64_t now) {
  std::tm parts{};
  parts.tm_isdst = -1;
  if (reads(text,
            {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
             "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"},
            parts))
    return std::mktime(&parts);
  auto today = static_cast<std::time_t>(now);
  ::localtime_r(&today, &parts);
  parts.tm_sec = 0;
  parts.tm_isdst = -1;
  if (!reads(text, {"%H:%M", "%H:%M:%S"}, parts))
    return std::nullopt;
  auto at = std::mktime(&parts);
  return at > now ? at - day : at;
}

} // namespace

result<std::string> since_argument(const std::string& text, std::int64_t now) {
  if (is_event_id(text) || parse_integer(text).value_or(-1) >= 0)
    return text;
  if (auto ago = parse_duration(text)) {
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*ago);
    return std::to_string(std::max<std::int64_t>(0, now - ms.count()));
  }
  if (auto at = clock_time(text, now / 1000); at && *at >= 0)
    return std::to_string(*at * 1000);
  return fail(
    errc::invalid_argument,
    "--since: \"" + printable(text, 40)
      + "\" is no time; write 10m (ago), 13:05, \"2026-11-28 13:05\", "
        "or the id of an event");
}

std::string local_day(std::int64_t unix_ms) {
  auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  std::array<char, 32> text{};
  if (!::localtime_r(&seconds, &parts)
      || std::strftime(text.data(), text.size(), "%F", &parts) == 0)
    return {};
  return text.data();
}

} // namespace saker::cli
