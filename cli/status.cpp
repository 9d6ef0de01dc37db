#include "cli/status.hpp"

#include "base/figures.hpp"
#include "cli/printed_text.hpp"
#include "cli/server_error.hpp"
#include "cli/status_table.hpp"
#include "cli/watch.hpp"
#include "cli/why_text.hpp"

#include <algorithm>
#include <cstdio>

namespace saker::cli {

namespace {

int judge(const std::vector<service_row>& rows) {
  return std::all_of(rows.begin(), rows.end(), as_wanted) ? fine : not_so;
}

result<int> show_json(work& with) {
  auto reply = ask(with, command_of("SVSTATUS", with.asked.names, {"JSON"}),
                   short_patience);
  if (!reply)
    return reply.error();
  auto rows = service_rows_of_json(reply->text());
  if (!rows)
    return rows.error();
  with.out << reply->text() << std::endl;
  return judge(*rows);
}

void print_lines(work& with, const std::vector<std::string>& lines) {
  for (auto& x : lines)
    with.out << x << '\n';
  with.out << std::flush;
}

std::string text_or_dash(const resp::value& row, std::string_view key) {
  auto x = row.find(key);
  if (!x || x->is_null())
    return "-";
  if (auto number = x->integer())
    return std::to_string(*number);
  return x->text().empty() ? "-" : shown(x->text());
}

/// `1.5ms`; over RESP2 the number is text.
std::string rtt_of(const resp::value& row) {
  auto x = row.find("rtt");
  if (auto ms = x ? x->get_if<double>() : nullptr) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.1fms", *ms);
    return text;
  }
  return text_or_dash(row, "rtt");
}

/// One node; `since` is Unix milliseconds, as everywhere.
std::vector<cell> node_cells(const resp::value& row, milliseconds now) {
  auto state = text_or_dash(row, "state");
  auto since = row.find("since");
  auto at = since ? since->integer() : std::nullopt;
  return {{text_or_dash(row, "name")},
          {text_or_dash(row, "address")},
          {state, state == "up" ? look::good : look::bad},
          {at ? age_figure(now - milliseconds{*at}) : "-"},
          {rtt_of(row)}};
}

} // namespace

result<overview> look_at(work& with, const std::vector<std::string>& names) {
  overview x;
  auto reply = ask(with, command_of("SVSTATUS", names), short_patience);
  if (!reply)
    return reply.error();
  auto rows = service_rows(*reply);
  if (!rows)
    return rows.error();
  x.rows = std::move(*rows);
  auto time = server_time(with);
  if (!time)
    return time.error();
  x.told_at = *time;
  x.taken_at = with.world.now();
  auto command = command_of("SVSTATUS", names, {"TEXT"});
  if (with.look().utf8)
    command.emplace_back("UTF8");
  auto text = ask(with, command, short_patience);
  if (!text)
    return text.error();
  x.notes = notes_of(*text);
  return x;
}

std::vector<std::string>
table_of(const overview& x, milliseconds now, const canvas& on) {
  auto elapsed = now - x.taken_at;
  return status_table(x.rows, x.notes, {x.told_at + elapsed, elapsed}, on);
}

result<int> show_status(work& with) {
  if (with.asked.watch)
    return watch_status(with);
  if (with.asked.json)
    return show_json(with);
  auto now = look_at(with, with.asked.names);
  if (!now)
    return now.error();
  print_lines(with, table_of(*now, now->taken_at, with.look().paper()));
  return judge(now->rows);
}

namespace {

/// SVWHY tells of one instance only: the names of all that `name` means.
result<std::vector<std::string>>
instances_of(work& with, const std::string& name) {
  auto reply = ask(with, command_of("SVSTATUS", {name}), short_patience);
  if (!reply)
    return reply.error();
  auto rows = service_rows(*reply);
  if (!rows)
    return rows.error();
  if (rows->size() < 2)
    return std::vector<std::string>{name};
  std::vector<std::string> all;
  for (auto& x : *rows)
    all.push_back(name.find('@') == std::string::npos ? x.name
                                                      : x.name + '@' + x.node);
  return all;
}

result<void> explain(work& with, const std::string& name, bool& first) {
  auto told = ask(with, {"SVWHY", name, "TEXT"}, short_patience);
  if (!told && told.error().code != errc::unsupported)
    return told.error();
  if (!std::exchange(first, false))
    with.out << '\n';
  if (told) {
    auto lines = lines_of(*told);
    for (auto& x : lines)
      x = in_words_of_cli(shown(x));
    print_lines(with, lines);
    return {};
  }
  auto known = look_at(with, {name});
  if (!known)
    return known.error();
  for (auto& row : known->rows)
    print_lines(with,
                why_text(row, known->notes, {known->told_at, milliseconds{0}}));
  return {};
}

} // namespace

result<int> show_why(work& with) {
  auto first = true;
  for (auto& asked : with.asked.names) {
    auto names = instances_of(with, asked);
    if (!names)
      return names.error();
    for (auto& name : *names)
      if (auto ok = explain(with, name, first); !ok)
        return ok.error();
  }
  return fine;
}

result<int> show_nodes(work& with) {
  auto reply = ask(with, {"NODES"}, short_patience);
  if (!reply)
    return reply.error();
  auto now = server_time(with);
  if (!now)
    return now.error();
  table all{{{"NAME", {}, 12},
             {"ADDRESS", 3, 12},
             {"STATE", {}},
             {"SINCE", 2},
             {"RTT", 1}},
            {}};
  auto status = fine;
  for (auto& row : reply->items()) {
    all.rows.push_back(node_cells(row, *now));
    if (all.rows.back()[2].text == "dead")
      status = not_so;
  }
  print_lines(with, lay_out(all, with.look().paper()));
  return status;
}

} // namespace saker::cli
