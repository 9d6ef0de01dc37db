#include "session/latency_events.hpp"

#include "session/sparkline.hpp"
#include "session/words.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace saker::session {

namespace {

constexpr std::string_view monitoring_is_off
  = "Latencies of events are not recorded. CONFIG SET "
    "latency-monitor-threshold MILLISECONDS makes that begin; LATENCY "
    "HISTOGRAM "
    "tells of all commands how long they took.\n";

constexpr std::string_view no_spike
  = "Nothing took longer than latency-monitor-threshold says, so nobody was "
    "held up for so long.\n";

constexpr std::string_view advice
  = "\nSLOWLOG GET shows which commands they were, as far as "
    "slowlog-log-slower-than lets them in. Commands of scripts hold up that "
    "script alone: TASKS tells how long they ran. journal-write is the disk: "
    "another place for [journal] file may be faster.\n";

/// `3m`: so long ago.
std::string age(std::int64_t seconds) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (seconds < minute)
    return std::to_string(seconds) + 's';
  if (seconds < hour)
    return std::to_string(seconds / minute) + 'm';
  if (seconds < day)
    return std::to_string(seconds / hour) + 'h';
  return std::to_string(seconds / day) + 'd';
}

void latest(resp::writer out, const latency_monitor::events& all) {
  out.array(all.size());
  for (auto& [name, x] : all) {
    out.array(4);
    out.bulk(name);
    out.integer(x.samples.back().at);
    out.integer(x.samples.back().ms);
    out.integer(x.longest);
  }
}

void history(resp::writer out, std::string_view name,
             const latency_monitor& from) {
  auto x = from.find(name);
  out.array(x ? x->samples.size() : 0);
  if (!x)
    return;
  for (auto& y : x->samples) {
    out.array(2);
    out.integer(y.at);
    out.integer(y.ms);
  }
}

void graph(resp::writer out, std::string_view name,
           const latency_monitor& from) {
  constexpr std::size_t width = 80;
  auto x = from.find(name);
  if (!x)
    return out.error("ERR No samples available for event '"
                     + std::string{excerpt(name)} + "'");
  auto [low, high]
    = std::minmax_element(x->samples.begin(), x->samples.end(),
                          [](auto& a, auto& b) { return a.ms < b.ms; });
  auto text = std::string{name} + " - high " + std::to_string(high->ms)
              + " ms, low " + std::to_string(low->ms) + " ms (all time high "
              + std::to_string(x->longest) + " ms)\n" + std::string(width, '-')
              + '\n';
  std::vector<std::pair<std::int64_t, std::string>> columns;
  for (auto& y : x->samples)
    columns.emplace_back(y.ms, age(from.now() - y.at));
  out.verbatim(text + sparkline(columns));
}

/// `1. command: 3 latency spikes (average 12ms, …).`
std::string diagnosis(const std::string& name, const latency_monitor::event& x,
                      std::int64_t now) {
  auto count = static_cast<std::int64_t>(x.samples.size());
  std::int64_t sum = 0;
  for (auto& y : x.samples)
    sum += y.ms;
  auto average = sum / count;
  std::int64_t deviation = 0;
  for (auto& y : x.samples)
    deviation += std::abs(y.ms - average);
  auto period = std::max<std::int64_t>((now - x.samples.front().at) / count, 1);
  char text[256];
  std::snprintf(
    text, sizeof(text),
    "%s: %lld latency spikes (average %lldms, mean deviation "
    "%lldms, period %lld.00 sec). Worst all time event %lldms.",
    name.c_str(), static_cast<long long>(count),
    static_cast<long long>(average), static_cast<long long>(deviation / count),
    static_cast<long long>(period), static_cast<long long>(x.longest));
  return text;
}

std::string doctor(const latency_monitor& from) {
  auto all = from.all();
  if (all.empty())
    return std::string{from.enabled() ? no_spike : monitoring_is_off};
  std::string text;
  auto number = 0;
  for (auto& [name, x] : all)
    text += std::to_string(++number) + ". " + diagnosis(name, x, from.now())
            + '\n';
  return text.append(advice);
}

} // namespace

bool append_latency_events(resp::writer out, resp::command_id what,
                           std::span<const std::string_view> args,
                           latency_monitor& from) {
  using id = resp::command_id;
  switch (what) {
    case id::latency_doctor: out.verbatim(doctor(from)); break;
    case id::latency_graph: graph(out, args[2], from); break;
    case id::latency_history: history(out, args[2], from); break;
    case id::latency_latest: latest(out, from.all()); break;
    case id::latency_reset:
      out.integer(static_cast<std::int64_t>(from.forget(args.subspan(2))));
      break;
    default: return false;
  }
  return true;
}

} // namespace saker::session
