#include "actors/status_text.hpp"

#include "actors/reply_text.hpp"
#include "base/figures.hpp"
#include "base/log_line.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

namespace saker {

using namespace supervision;

namespace {

nlohmann::ordered_json json_or_null(const std::optional<std::string>& x) {
  return x ? nlohmann::ordered_json(*x) : nlohmann::ordered_json(nullptr);
}

std::string_view intent_of(const status& x) {
  if (x.dropped)
    return "dropped";
  return x.wanted_up ? "up" : "down";
}

std::string last_exit_with_age(const status& x, time_point now) {
  auto text = last_exit_text(x);
  if (!text)
    return "-";
  if (!x.last_at)
    return *text;
  auto ago = std::chrono::duration_cast<std::chrono::seconds>(now - *x.last_at);
  return *text + ' ' + format_duration(ago) + " ago";
}

const process::tree_usage* costs_of(const status& x, const viewpoint& from) {
  if (x.pid == 0 || !from.usage)
    return nullptr;
  auto found = from.usage->find(x.pid);
  return found == from.usage->end() ? nullptr : &found->second;
}

/// More digits would only seem to be known.
double one_digit(double x) {
  return std::round(x * 10) / 10;
}

constexpr std::size_t columns = 10;
using cells = std::array<std::string, columns>;

/// A text of somebody, cut after `limit` bytes, as this terminal takes it.
std::string shown(std::string_view x, std::size_t limit, bool utf8) {
  return utf8 ? log_line(x, limit) : ascii_text(log_line(ascii_text(x), limit));
}

/// Columns that it takes, but for wide characters.
std::size_t width_of(std::string_view x) {
  return static_cast<std::size_t>(std::count_if(x.begin(), x.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

cells cells_of(const status& x, const viewpoint& from, bool utf8) {
  auto next = next_text(x, from.now);
  auto costs = costs_of(x, from);
  auto why = next ? *next : x.reason.empty() ? std::string{"-"} : x.reason;
  return {x.who.display(),
          std::string{to_string(x.at)},
          is_up(x.at) ? (x.ready ? "yes" : "no") : "-",
          age_figure(std::chrono::duration_cast<std::chrono::milliseconds>(
            from.now - x.since)),
          x.pid != 0 ? std::to_string(x.pid) : "-",
          std::to_string(x.recent.count(from.now)) + '/'
            + std::to_string(x.restarts),
          last_exit_with_age(x, from.now),
          shown(why, 60, utf8),
          costs ? percent_figure(costs->cpu) : "-",
          costs ? size_figure(costs->rss) : "-"};
}

std::string
line_of(const cells& x, const std::array<std::size_t, columns>& width) {
  std::string line;
  for (std::size_t i = 0; i < columns; ++i) {
    line += x[i];
    if (i + 1 < columns)
      line += std::string(width[i] - width_of(x[i]) + 2, ' ');
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return line;
}

} // namespace

namespace {

/// A row as a tree.
struct row_tree {
  resp::map made;

  void text(const char* key, std::string_view x) {
    made.add(key, x);
  }

  void text_or_null(const char* key, std::string_view x) {
    made.add(key, x.empty() ? resp::value{} : resp::value{x});
  }

  void flag(const char* key, bool x) {
    made.add(key, x);
  }

  void number(const char* key, std::int64_t x) {
    made.add(key, x);
  }

  void real(const char* key, double x) {
    made.add(key, x);
  }

  void null(const char* key) {
    made.add(key, nullptr);
  }
};

/// A row as bytes.
struct row_bytes {
  resp::writer out;

  void text(const char* key, std::string_view x) {
    out.bulk(key);
    out.bulk(x);
  }

  void text_or_null(const char* key, std::string_view x) {
    x.empty() ? null(key) : text(key, x);
  }

  void flag(const char* key, bool x) {
    out.bulk(key);
    out.boolean(x);
  }

  void number(const char* key, std::int64_t x) {
    out.bulk(key);
    out.integer(x);
  }

  void real(const char* key, double x) {
    out.bulk(key);
    out.real(x);
  }

  void null(const char* key) {
    out.bulk(key);
    out.null();
  }
};

constexpr std::size_t fields_of_a_row = 18;

template <class Row>
void tell_row(Row& row, const status& x, const viewpoint& from) {
  auto costs = costs_of(x, from);
  x.who.counted ? row.text("name", x.who.display())
                : row.text("name", x.who.name);
  row.text("node", from.node);
  row.text("state", to_string(x.at));
  row.flag("ready", x.ready);
  row.text("intent", intent_of(x));
  row.text_or_null("intent_by", x.wanted_by.by);
  x.wanted_by.at != 0 ? row.number("intent_since", x.wanted_by.at)
                      : row.null("intent_since");
  row.number("pid", x.pid);
  row.number("since", since_unix(x, from.now, from.unix_ms));
  row.number("uptime", in_milliseconds(uptime(x, from.now)));
  row.number("restarts", x.restarts);
  row.number("restarts_1h", x.recent.count(from.now));
  auto last = last_exit_text(x);
  last ? row.text("last_exit", *last) : row.null("last_exit");
  auto next = next_text(x, from.now);
  next ? row.text("next", *next) : row.null("next");
  row.text_or_null("reason", x.reason);
  costs ? row.real("cpu", one_digit(costs->cpu)) : row.null("cpu");
  costs ? row.number("rss", static_cast<std::int64_t>(costs->rss))
        : row.null("rss");
  row.text_or_null("where", x.where);
}

} // namespace

resp::value status_row(const status& x, const viewpoint& from) {
  row_tree row;
  row.made.entries.reserve(fields_of_a_row);
  tell_row(row, x, from);
  return std::move(row.made);
}

void write_status(const status& x, const viewpoint& from, resp::writer out) {
  row_bytes row{out};
  out.array(1);
  out.map(fields_of_a_row);
  tell_row(row, x, from);
}

std::string status_json(const std::vector<status>& all, const viewpoint& from) {
  auto list = nlohmann::ordered_json::array();
  for (auto& x : all) {
    nlohmann::ordered_json row;
    row["name"] = x.who.display();
    row["node"] = from.node;
    row["state"] = to_string(x.at);
    row["ready"] = x.ready;
    row["intent"] = intent_of(x);
    row["intent_by"] = x.wanted_by.by.empty()
                         ? nlohmann::ordered_json(nullptr)
                         : nlohmann::ordered_json(x.wanted_by.by);
    row["intent_since"] = x.wanted_by.at != 0
                            ? nlohmann::ordered_json(x.wanted_by.at)
                            : nlohmann::ordered_json(nullptr);
    row["pid"] = x.pid;
    row["since"] = since_unix(x, from.now, from.unix_ms);
    row["uptime"] = in_milliseconds(uptime(x, from.now));
    row["restarts"] = x.restarts;
    row["restarts_1h"] = x.recent.count(from.now);
    row["last_exit"] = json_or_null(last_exit_text(x));
    row["next"] = json_or_null(next_text(x, from.now));
    row["reason"] = x.reason.empty() ? nlohmann::ordered_json(nullptr)
                                     : nlohmann::ordered_json(x.reason);
    auto costs = costs_of(x, from);
    row["cpu"] = costs ? nlohmann::ordered_json(one_digit(costs->cpu))
                       : nlohmann::ordered_json(nullptr);
    row["rss"] = costs ? nlohmann::ordered_json(costs->rss)
                       : nlohmann::ordered_json(nullptr);
    row["where"] = x.where;
    list.push_back(std::move(row));
  }
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> status_table(const std::vector<status>& all,
                                      const std::vector<failure_note>& notes,
                                      const std::vector<std::string>& heading,
                                      const viewpoint& from, bool utf8) {
  constexpr std::size_t longest = 200;
  std::vector<std::string> lines = heading;
  std::vector<cells> rows;
  rows.push_back({"NAME", "STATE", "READY", "SINCE", "PID", "RST 1h/all",
                  "LAST EXIT", "NEXT", "CPU", "MEM"});
  for (auto& x : all)
    rows.push_back(cells_of(x, from, utf8));
  std::array<std::size_t, columns> width{};
  for (auto& row : rows)
    for (std::size_t i = 0; i < columns; ++i)
      width[i] = std::max(width[i], width_of(row[i]));
  lines.push_back(line_of(rows[0], width));
  for (std::size_t i = 0; i < all.size(); ++i) {
    lines.push_back(line_of(rows[i + 1], width));
    auto note = std::find_if(notes.begin(), notes.end(), [&](auto& x) {
      return x.key == all[i].who.key();
    });
    if (note == notes.end())
      continue;
    // The reason is in the last column unless something is to come.
    if (next_text(all[i], from.now) && !all[i].reason.empty())
      lines.push_back("  why  " + shown(all[i].reason, longest, utf8));
    if (!note->last_line.empty())
      lines.push_back("  out  " + shown(note->last_line, longest, utf8));
    // Nobody needs to open an empty one.
    if (!note->log_file.empty() && !note->last_line.empty())
      lines.push_back("  log  " + shown(note->log_file, longest, utf8));
  }
  if (all.empty())
    lines.emplace_back("(no services are defined)");
  return lines;
}

} // namespace saker
