#include "cli/status_table.hpp"

#include "base/figures.hpp"
#include "base/log_line.hpp"
#include "base/units.hpp"
#include "cli/printed_text.hpp"
#include "cli/server_error.hpp"

#include <algorithm>

namespace saker::cli {

namespace {

using std::chrono::milliseconds;

/// Writes what one canvas shows.
class pen {
public:
  explicit pen(const canvas& on) : on_(on) {
    // nop
  }

  /// A text of somebody.
  std::string text(std::string_view x) const {
    return on_.ascii ? ascii_text(shown(x)) : shown(x);
  }

  std::string none() const {
    return on_.signs ? "–" : "-";
  }

  std::string text_or_none(std::string_view x) const {
    return x.empty() ? none() : text(x);
  }

  /// A line of its own below a row, which others follow or not.
  std::string note(std::string_view x, bool last) const {
    auto branch = !on_.signs ? "  " : last ? "└ " : "├ ";
    return branch + text(x);
  }

  std::string fitted(std::string line) const {
    return on_.width ? cut(line, *on_.width, on_.ascii) : std::move(line);
  }

private:
  const canvas& on_;
};

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

std::vector<cell>
cells_of(const service_row& x, const viewpoint& from, const pen& with) {
  auto restarts = std::to_string(x.restarts_1h) + '/'
                  + std::to_string(x.restarts);
  auto has_process = x.pid != 0;
  return {
    {with.text(x.name)},
    {with.text(x.state), look_of(x)},
    {is_up(x) ? (x.ready ? "yes" : "no") : with.none(),
     is_up(x) && !x.ready ? look::busy : look::plain},
    {x.since.count() > 0 ? age_figure(from.now - x.since) : with.none()},
    {has_process ? std::to_string(x.pid) : with.none()},
    {restarts, x.restarts_1h > 0 ? look::busy : look::plain},
    {with.text_or_none(x.last_exit)},
    {with.text_or_none(outlook(x, from.elapsed))},
    {x.cpu ? percent_figure(*x.cpu) : with.none()},
    {x.rss ? size_figure(*x.rss) : with.none()},
    {with.text_or_none(x.node)},
  };
}

/// A path must stay whole to be copied, a reason to be understood; the terminal
/// wraps them.
bool may_be_cut(const std::string& note) {
  return !note.starts_with("log ") && !note.starts_with("why ");
}

/// What stands below the row of `x`, which was laid out as `line`: its reason
/// if that does not show it whole, and what the server told.
std::vector<std::string>
notes_below(const service_row& x, std::string_view line,
            const status_notes& notes, const pen& with) {
  auto told = notes.of(x);
  auto whole = x.reason.empty() || !x.next.empty()
               || line.find(with.text(x.reason)) != std::string_view::npos;
  auto has_reason = std::any_of(told.begin(), told.end(), [](auto& note) {
    return note.starts_with("why ");
  });
  if (!whole && !has_reason)
    told.insert(told.begin(), "why  " + x.reason);
  return told;
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
  pen with{on};
  std::vector<std::string> lines;
  auto add = [&](std::string line, look how, bool cuttable) {
    if (on.strict || cuttable)
      line = with.fitted(std::move(line));
    lines.push_back(painted(line, how, on.colour));
  };
  for (auto& x : notes.heading)
    add(with.text(in_words_of_cli(x)), look::bad, false);
  if (rows.empty()) {
    lines.emplace_back("(no services are defined)");
    return lines;
  }
  table all{status_columns(), {}};
  for (auto& x : rows)
    all.rows.push_back(cells_of(x, from, with));
  drop_only_node(all, on);
  auto laid = lay_out(all, on);
  lines.push_back(std::move(laid.front()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto below = notes_below(rows[i], laid[i + 1], notes, with);
    lines.push_back(std::move(laid[i + 1]));
    for (auto& note : below)
      add(with.note(note, &note == &below.back()), look::faint,
          may_be_cut(note));
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
