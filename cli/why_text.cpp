#include "cli/why_text.hpp"

#include "base/figures.hpp"
#include "base/text.hpp"
#include "cli/printed_text.hpp"

#include <algorithm>

namespace saker::cli {

namespace {

std::string state_line(const service_row& x, const viewpoint& from) {
  auto line = x.name + ": " + x.state + " for "
              + age_figure(from.now - x.since);
  if (x.pid != 0)
    line += ", pid " + std::to_string(x.pid);
  if (is_up(x))
    line += x.ready ? ", ready" : ", not ready";
  return line;
}

std::string wish_of(const service_row& x) {
  return (x.wanted_up ? "up, by " : "down, by ")
         + (x.wanted_by.empty() ? std::string{"its definition"} : x.wanted_by);
}

/// Titles stand in a column.
std::string padded(std::string_view title) {
  constexpr std::size_t width = 11;
  std::string text{title};
  text.resize(std::max(width, title.size() + 1), ' ');
  return text;
}

} // namespace

std::vector<std::string>
why_text(const service_row& x, const status_notes& notes,
         const viewpoint& from) {
  std::vector<std::string> lines{state_line(x, from)};
  auto add = [&](std::string_view title, const std::string& text) {
    if (!text.empty())
      lines.push_back("  " + padded(title) + text);
  };
  add("wanted", wish_of(x));
  add("reason", x.reason);
  add("last exit", x.last_exit);
  add("next", next_after(x.next, from.elapsed));
  add("restarts", std::to_string(x.restarts) + ", "
                    + std::to_string(x.restarts_1h) + " in the last hour");
  add("defined", x.where);
  for (auto& note : notes.of(x))
    if (auto end = note.find(' ');
        end != std::string::npos && !note.starts_with("why "))
      add(note.substr(0, end), std::string{trim(note.substr(end))});
  for (auto& line : lines)
    line = shown(line);
  return lines;
}

} // namespace saker::cli
