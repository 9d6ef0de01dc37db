#include "cli/table.hpp"

#include "cli/printed_text.hpp"

#include <algorithm>

namespace saker::cli {

namespace {

constexpr std::size_t gap = 2;

std::string_view escape_of(look how) noexcept {
  switch (how) {
    case look::plain: return {};
    case look::heading: return "\x1b[1m";
    case look::good: return "\x1b[32m";
    case look::busy: return "\x1b[33m";
    case look::bad: return "\x1b[1;31m";
    case look::faint: return "\x1b[2m";
  }
  return {};
}

/// The columns that are shown and how wide each of them is.
struct layout {
  std::vector<std::size_t> shown;
  std::vector<std::size_t> width; ///< by column, shown or not
};

std::size_t total(const layout& x, const std::vector<std::size_t>& width) {
  std::size_t sum = 0;
  for (auto i : x.shown)
    sum += width[i] + gap;
  return sum > 0 ? sum - gap : 0;
}

layout natural(const table& x) {
  layout result;
  for (std::size_t i = 0; i < x.columns.size(); ++i) {
    auto widest = display_width(x.columns[i].title);
    for (auto& row : x.rows)
      widest = std::max(widest, display_width(row[i].text));
    result.shown.push_back(i);
    result.width.push_back(widest);
  }
  return result;
}

/// The widths when everything is cut as far as it may be.
std::vector<std::size_t> narrowest(const table& x, const layout& from) {
  auto result = from.width;
  for (std::size_t i = 0; i < result.size(); ++i)
    if (x.columns[i].least > 0)
      result[i] = std::min(
        result[i],
        std::max(x.columns[i].least, display_width(x.columns[i].title)));
  return result;
}

/// Takes the shown column of the lowest rank away. False if none has a rank.
bool drop_one(const table& x, layout& from) {
  auto lowest = from.shown.end();
  for (auto i = from.shown.begin(); i != from.shown.end(); ++i)
    if (x.columns[*i].rank
        && (lowest == from.shown.end()
            || *x.columns[*i].rank < *x.columns[*lowest].rank))
      lowest = i;
  if (lowest == from.shown.end())
    return false;
  from.shown.erase(lowest);
  return true;
}

/// Makes the widest column that may still give way narrower, by one.
bool squeeze(layout& x, const std::vector<std::size_t>& least) {
  auto widest = x.shown.end();
  for (auto i = x.shown.begin(); i != x.shown.end(); ++i)
    if (x.width[*i] > least[*i]
        && (widest == x.shown.end() || x.width[*i] > x.width[*widest]))
      widest = i;
  if (widest == x.shown.end())
    return false;
  --x.width[*widest];
  return true;
}

void fit(const table& x, std::size_t width, layout& into) {
  auto least = narrowest(x, into);
  while (total(into, least) > width && drop_one(x, into)) {
    // nop
  }
  while (total(into, into.width) > width && squeeze(into, least)) {
    // nop
  }
}

std::string
line_of(const std::vector<cell>& row, const layout& how, const canvas& on) {
  std::string line;
  std::size_t used = 0;
  for (auto i : how.shown) {
    auto last = i == how.shown.back();
    auto room = how.width[i];
    if (on.width)
      room = std::min(room, *on.width - std::min(used, *on.width));
    auto text = on.width ? cut(row[i].text, room, on.ascii) : row[i].text;
    auto columns = display_width(text);
    line += painted(text, row[i].how, on.colour);
    if (!last)
      line += std::string(how.width[i] - std::min(columns, how.width[i]) + gap,
                          ' ');
    used += how.width[i] + gap;
  }
  while (line.ends_with(' '))
    line.pop_back();
  return line;
}

} // namespace

std::string painted(std::string_view text, look how, bool colour) {
  auto escape = escape_of(how);
  if (!colour || escape.empty() || text.empty())
    return std::string{text};
  return std::string{escape}.append(text).append("\x1b[0m");
}

std::vector<std::string> lay_out(const table& x, const canvas& on) {
  auto how = natural(x);
  if (on.width)
    fit(x, *on.width, how);
  std::vector<cell> titles;
  for (auto& column : x.columns)
    titles.push_back({column.title, look::heading});
  std::vector<std::string> lines{line_of(titles, how, on)};
  for (auto& row : x.rows)
    lines.push_back(line_of(row, how, on));
  return lines;
}

} // namespace saker::cli
