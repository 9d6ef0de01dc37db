#include "actors/why_reply.hpp"

#include "actors/reply_text.hpp"
#include "base/log_line.hpp"
#include "base/units.hpp"

#include <algorithm>

namespace saker {

using namespace supervision;

namespace {

std::int64_t unix_time(time_point at, const viewpoint& from) {
  return from.unix_ms - in_milliseconds(from.now - at);
}

resp::value exit_map(const past_end& x, const viewpoint& from) {
  return resp::map{}
    .add("id", x.id ? resp::value{to_string(x.id)} : resp::value{})
    .add("time", unix_time(x.at, from))
    .add("text", x.text)
    .add("cause", to_string(x.why))
    .add("row", x.row)
    .add("decision", to_string(x.then))
    .add("asked", x.asked)
    .add("order", or_null(x.order))
    .add("instead", or_null(x.instead))
    .add("after", or_null(x.after))
    .add("uptime",
         x.uptime ? resp::value{in_milliseconds(*x.uptime)} : resp::value{})
    .add("pid", x.pid)
    .add("orphans_killed", x.orphans);
}

resp::value budget_map(const explanation& x) {
  auto& limit = x.definition->budget;
  auto used = x.now.in_budget;
  return resp::map{}
    .add("limit", to_string(limit))
    .add("used", used)
    .add("left", limit.unlimited()
                   ? resp::value{}
                   : resp::value{limit.count - std::min(used, limit.count)})
    .add("spent", to_string(x.definition->spent))
    .add("on_trial", x.on_trial);
}

resp::value backoff_map(const explanation& x) {
  return resp::map{}
    .add("step", x.backoff_step)
    .add("rule", to_string(x.definition->backoff));
}

std::string end_line(const past_end& x, time_point now) {
  auto age = std::chrono::floor<std::chrono::seconds>(now - x.at);
  auto line = format_duration(age) + " ago: " + x.text + "; ";
  if (x.asked)
    line += x.order.empty() ? "asked for" : x.order;
  else
    line += x.instead.empty() ? "row " + x.row + ": " + to_string(x.then)
                              : x.instead;
  if (!x.after.empty())
    line += "; " + x.after;
  if (x.orphans > 0)
    line += "; " + std::to_string(x.orphans) + " left behind and killed";
  return line;
}

} // namespace

resp::value
why_map(const explanation& x, const last_output& out, const viewpoint& from) {
  auto& y = x.now;
  auto told = sentences(x, from.now);
  resp::array exits;
  for (auto i = x.ends.rbegin(); i != x.ends.rend(); ++i)
    exits.items.push_back(exit_map(*i, from));
  resp::value output;
  if (out.lines) {
    resp::array lines;
    for (auto& line : *out.lines)
      lines.items.emplace_back(line);
    output = std::move(lines);
  }
  auto next = next_text(y, from.now);
  return resp::map{}
    .add("name", y.who.display())
    .add("node", from.node)
    .add("state", to_string(y.at))
    .add("ready", y.ready)
    .add("pid", y.pid)
    .add("since", since_unix(y, from.now, from.unix_ms))
    .add("why", told.front())
    .add("intent", y.wanted_up ? "up" : "down")
    .add("intent_by", or_null(y.wanted_by.by))
    .add("intent_since",
         y.wanted_by.at != 0 ? resp::value{y.wanted_by.at} : resp::value{})
    .add("reason", or_null(y.reason))
    .add("next", next ? resp::value{*next} : resp::value{})
    .add("next_ms", y.next_at && !y.next.empty()
                      ? resp::value{std::max<std::int64_t>(
                        0, in_milliseconds(*y.next_at - from.now))}
                      : resp::value{})
    .add("row", x.ends.empty() ? resp::value{} : resp::value{x.ends.back().row})
    .add("exits", std::move(exits))
    .add("budget", budget_map(x))
    .add("backoff", backoff_map(x))
    .add("needs", resp::array{})
    .add("log", or_null(out.file))
    .add("output", std::move(output))
    .add("where", or_null(y.where));
}

std::vector<std::string>
why_text(const explanation& x, const last_output& out, const viewpoint& from) {
  auto age = std::chrono::floor<std::chrono::seconds>(from.now - x.now.since);
  std::vector<std::string> lines{x.now.who.display() + ": "
                                 + std::string{to_string(x.now.at)} + " for "
                                 + format_duration(age)};
  auto add = [&](const std::string& text) {
    lines.push_back("  " + ascii_text(text));
  };
  for (auto& sentence : sentences(x, from.now))
    add(sentence);
  if (x.ends.size() > 1) {
    add("Ends before it, newest first:");
    for (auto i = std::next(x.ends.rbegin()); i != x.ends.rend(); ++i)
      add("  " + end_line(*i, from.now));
  }
  if (out.lines && !out.lines->empty()) {
    add("Last output, in " + out.file + ":");
    for (auto& line : *out.lines)
      add("  " + line);
  } else if (!out.file.empty()) {
    add("Output goes to " + out.file + ".");
  }
  if (!x.now.where.empty())
    add("Defined in " + x.now.where + ".");
  return lines;
}

} // namespace saker
