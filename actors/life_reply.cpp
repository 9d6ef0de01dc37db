#include "actors/life_reply.hpp"

#include "base/log_line.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <nlohmann/json.hpp>

namespace saker {

using supervision::past_event;

namespace {

using nlohmann::json;

/// An object, empty where that is none.
json payload_of(const past_event& x) {
  auto parsed = json::parse(x.payload, nullptr, false);
  return parsed.is_object() ? parsed : json::object();
}

std::string text_at(const json& x, const char* key) {
  auto found = x.find(key);
  return found != x.end() && found->is_string() ? found->get<std::string>()
                                                : std::string{};
}

std::int64_t number_at(const json& x, const char* key) {
  auto found = x.find(key);
  return found != x.end() && found->is_number_integer()
           ? found->get<std::int64_t>()
           : 0;
}

std::string detail_of(const past_event& event, const json& x) {
  std::string text;
  auto add = [&text](const std::string& part) {
    if (!part.empty())
      text += (text.empty() ? "" : "; ") + part;
  };
  auto missed = number_at(x, "missed");
  if (missed > 0)
    add(std::to_string(missed) + " events were not recorded");
  auto reason = text_at(x, "reason");
  add(reason.empty() ? text_at(x, "cause") : reason);
  if (auto pid = number_at(x, "pid"); pid != 0)
    add("pid " + std::to_string(pid));
  if (event.name == "exit" && !text_at(x, "row").empty())
    add("row " + text_at(x, "row"));
  if (auto orphans = number_at(x, "orphans_killed"); orphans > 0)
    add(std::to_string(orphans) + " left behind and killed");
  auto wait = number_at(x, "next_at") - number_at(x, "ts");
  auto waits = event.name == "backoff" || event.name == "resting"
               || event.name == "waiting";
  if (waits && wait > 0)
    add("for " + format_duration(std::chrono::milliseconds{wait}));
  return text;
}

/// `2026-11-28 03:00:11.123`, local time.
std::string date(std::int64_t unix_ms) {
  auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  std::array<char, 32> day{};
  if (!::localtime_r(&seconds, &parts)
      || std::strftime(day.data(), day.size(), "%F %T", &parts) == 0)
    return std::to_string(unix_ms);
  std::array<char, 8> ms{};
  std::snprintf(ms.data(), ms.size(), ".%03d",
                static_cast<int>(unix_ms % 1000));
  return std::string{day.data()} + ms.data();
}

std::string shown_name(const json& x) {
  return text_at(x, "service");
}

std::int64_t time_of(const past_event& event, const json& x) {
  auto at = number_at(x, "ts");
  return at != 0 ? at : static_cast<std::int64_t>(event.id.ms);
}

} // namespace

std::string event_detail(const past_event& x) {
  return detail_of(x, payload_of(x));
}

resp::value life_rows(const past_events& all) {
  resp::array rows;
  for (auto& event : all) {
    auto x = payload_of(event);
    auto shown = shown_name(x);
    rows.items.push_back(
      resp::map{}
        .add("id", to_string(event.id))
        .add("time", time_of(event, x))
        .add("name", shown.empty() ? resp::value{} : resp::value{shown})
        .add("event", event.name)
        .add("detail", detail_of(event, x)));
  }
  return rows;
}

resp::value life_json(const past_events& all) {
  resp::array rows;
  for (auto& event : all)
    rows.items.emplace_back(event.payload);
  return rows;
}

std::vector<std::string> life_text(const past_events& all) {
  std::vector<std::array<std::string, 4>> rows;
  std::array<std::size_t, 4> width{};
  for (auto& event : all) {
    auto x = payload_of(event);
    auto shown = shown_name(x);
    rows.push_back({date(time_of(event, x)), shown.empty() ? "-" : shown,
                    event.name, ascii_text(detail_of(event, x))});
    for (std::size_t i = 0; i < 3; ++i)
      width[i] = std::max(width[i], rows.back()[i].size());
  }
  std::vector<std::string> lines;
  for (auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < 3; ++i)
      line += row[i] + std::string(width[i] - row[i].size() + 2, ' ');
    line += row[3];
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

} // namespace saker
