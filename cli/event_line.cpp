#include "cli/event_line.hpp"

#include "base/units.hpp"
#include "cli/printed_text.hpp"
#include "cli/table.hpp"

#include <array>
#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

namespace saker::cli {

namespace {

using json = nlohmann::json;

std::string text_at(const json& x, const char* key) {
  auto i = x.find(key);
  return i != x.end() && i->is_string() ? i->get<std::string>() : std::string{};
}

std::optional<std::int64_t> number_at(const json& x, const char* key) {
  auto i = x.find(key);
  if (i == x.end() || !i->is_number_integer())
    return std::nullopt;
  return i->get<std::int64_t>();
}

look look_of(std::string_view event) {
  constexpr std::array bad{"failed", "lost", "stuck", "sick", "oom"};
  constexpr std::array good{"running", "ready", "adopted"};
  for (auto x : bad)
    if (event == x)
      return look::bad;
  for (auto x : good)
    if (event == x)
      return look::good;
  return look::busy;
}

std::string duration_text(std::int64_t ms) {
  using namespace std::chrono;
  auto exact = milliseconds{ms};
  return format_duration(ms < 10'000 ? exact : duration_cast<seconds>(exact));
}

/// What comes at `next_at`. Earlier Sakers do not say it.
std::string next_step(const json& x) {
  auto next = text_at(x, "next");
  if (next == "start timeout")
    return "start limit";
  if (!next.empty())
    return next;
  auto to = text_at(x, x.contains("to") ? "to" : "event");
  if (to == "starting")
    return "start limit";
  return to == "backoff" || to == "running" ? "restart" : "next";
}

std::string details(const json& x, const time_text& when) {
  std::string result;
  auto reason = text_at(x, "reason");
  auto cause = text_at(x, "cause");
  // `SIGKILL after 15s` says both.
  auto told = !cause.empty() && reason.starts_with(cause);
  auto add = [&](const std::string& text) {
    if (!text.empty())
      result += (result.empty() ? "" : ", ") + shown(text);
  };
  add(told ? reason : cause);
  if (auto core = x.find("core"); core != x.end() && *core == true)
    add("core dumped");
  if (auto pid = number_at(x, "pid"); pid && *pid != 0)
    add("pid " + std::to_string(*pid));
  if (auto uptime = number_at(x, "uptime");
      uptime && reason.find(" after ") == std::string::npos)
    add("up " + duration_text(*uptime));
  if (!told)
    add(reason);
  if (auto next = number_at(x, "next_at"))
    add(next_step(x) + " at " + when(*next));
  return result;
}

} // namespace

std::string
event_line(std::string_view channel, std::string_view payload,
           const time_text& when, bool colour, std::string_view own) {
  auto x = json::parse(payload, nullptr, false);
  auto service = x.is_object() ? text_at(x, "service") : std::string{};
  auto event = x.is_object() ? text_at(x, "event") : std::string{};
  if (service.empty() || event.empty())
    return shown(channel) + ' ' + shown(payload);
  auto node = text_at(x, "node");
  if (!own.empty() && !node.empty() && node != own)
    service += '@' + node;
  auto ts = number_at(x, "ts");
  auto line = (ts ? when(*ts) + ' ' : std::string{}) + shown(service) + ' '
              + painted(shown(event), look_of(event), colour);
  auto more = details(x, when);
  return more.empty() ? line : line + ' ' + more;
}

} // namespace saker::cli
