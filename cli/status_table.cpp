#include "cli/status_table.hpp"

#include "base/units.hpp"
#include "cli/figures.hpp"
#include "cli/printed_text.hpp"
#include "cli/server_error.hpp"

#include <algorithm>

namespace saker::cli {

namespace {

using std::chrono::milliseconds;

std::string or_dash(std::string text) {
  return text.empty() ? "-" : std::move(text);
}

std::vector<column> status_columns() {
  return {{"NAME", {}, 12},     {"STATE", {}},   {"READY", 6},
          {"SINCE", 8},         {"PID", 4},      {"RST 1h/all", 5},
          {"LAST EXIT", 7, 12}, {"NEXT", 9, 16}, {"CPU", 3},
          {"MEM", 2},           {"NODE", 1, 8}};
}

/// What happens next by itself, else why nothing does.
std::string outlook(const service_row& x, milliseconds elapsed) {
  if (!x.next.empty())
    return next_after(x.next, elapsed);
  return x.reason;
}

std::vector<cell> cells_of(const service_row& x, const viewpoint& from) {
  auto restarts = std::to_string(x.restarts_1h) + '/'
                  + std::to_string(x.restarts);
  auto has_process = x.pid != 0;
  return {
    {shown(x.name)},
    {shown(x.state), look_of(x)},
    {is_up(x) ? (x.ready ? "yes" : "no") : "-",
     is_up(x) && !x.ready ? look::busy : look::plain},
    {x.since.count() > 0 ? age(from.now - x.since) : "-"},
    {has_process ? std::to_string(x.pid) : "-"},
    {restarts, x.restarts_1h > 0 ? look::busy : look::plain},
    {or_dash(shown(x.last_exit))},
    {or_dash(shown(outlook(x, from.elapsed)))},
    {x.cpu ? percent_figure(*x.cpu) : "-"},
    {x.rss ? size_figure(*x.rss) : "-"},
    {or_dash(shown(x.node))},
  };
}

/// A path must stay whole to be copied, a reason to be understood; the terminal
/// wraps them.
bool may_be_cut(const std::string& note) {
  return !note.starts_with("log ") && !note.starts_with("why ");
}

void add_notes(std::vector<std::string>& lines, const service_row& x,
               const status_notes& notes, const canvas& on) {
  for (auto& note : notes.of(x)) {
    auto line = "  " + shown(note);
    if (on.width && (on.strict || may_be_cut(note)))
      line = cut(line, *on.width);
    lines.push_back(painted(line, look::faint, on.colour));
  }
}

/// The reason of `x`, if its row does not show it whole.
std::string cut_off(const service_row& x, std::string_view line,
                    const status_notes& notes) {
  if (x.reason.empty() || !x.next.empty()
      || line.find(shown(x.reason)) != std::string_view::npos)
    return {};
  for (auto& note : notes.of(x))
    if (note.starts_with("why "))
      return {}; // the server has told
  return x.reason;
}

/// A column that says the same of all is the first to go.
void drop_only_node(table& all, const canvas& on) {
  auto same = [&](auto& row) {
    return row.back().text == all.rows[0].back().text;
  };
  if (!on.width || !std::all_of(all.rows.begin(), all.rows.end(), same))
    return;
  auto whole = lay_out(all, {});
  auto fits = [&](auto& line) { return display_width(line) <= *on.width; };
  if (std::all_of(whole.begin(), whole.end(), fits))
    return;
  all.columns.pop_back();
  for (auto& row : all.rows)
    row.pop_back();
}

} // namespace

std::vector<std::string>
status_table(const std::vector<service_row>& rows, const status_notes& notes,
             const viewpoint& from, const canvas& on) {
  std::vector<std::string> lines;
  for (auto& x : notes.heading) {
    auto line = in_words_of_cli(shown(x));
    if (on.width && on.strict)
      line = cut(line, *on.width);
    lines.push_back(painted(line, look::bad, on.colour));
  }
  if (rows.empty()) {
    lines.emplace_back("(no services are defined)");
    return lines;
  }
  table all{status_columns(), {}};
  for (auto& x : rows)
    all.rows.push_back(cells_of(x, from));
  drop_only_node(all, on);
  auto laid = lay_out(all, on);
  lines.push_back(std::move(laid.front()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto why = cut_off(rows[i], laid[i + 1], notes);
    lines.push_back(std::move(laid[i + 1]));
    if (!why.empty()) {
      auto line = "  why  " + shown(why);
      if (on.width && on.strict)
        line = cut(line, *on.width);
      lines.push_back(painted(line, look::faint, on.colour));
    }
    add_notes(lines, rows[i], notes, on);
  }
  return lines;
}

std::string next_after(const std::string& next, milliseconds elapsed) {
  constexpr std::string_view before = " in ";
  auto at = next.rfind(before);
  if (at == std::string::npos || elapsed <= milliseconds{0})
    return next;
  auto left = parse_duration(std::string_view{next}.substr(at + before.size()));
  if (!left)
    return next;
  auto rest = std::max<std::chrono::nanoseconds>(*left - elapsed,
                                                 milliseconds{0});
  return next.substr(0, at + before.size())
         + format_duration(std::chrono::ceil<std::chrono::seconds>(rest));
}

look look_of(const service_row& x) {
  if (is_broken(x))
    return look::bad;
  if (x.state == "running" || x.state == "adopted")
    return look::good;
  if (x.state == "done" || x.state == "stopped")
    return look::faint;
  return look::busy;
}

} // namespace saker::cli
