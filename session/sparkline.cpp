#include "session/sparkline.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace saker::session {

namespace {

constexpr std::size_t widest = 80;
constexpr int rows = 4;
constexpr std::string_view heights = "_o#"; // within one row
constexpr int parts = 3;

using columns_span = std::span<const std::pair<std::int64_t, std::string>>;

/// The character of a column in a row; the top one is 0.
char character(double share, int row) {
  auto step = std::clamp(static_cast<int>(share * parts * rows), 0,
                         parts * rows - 1);
  auto height = step - (rows - row - 1) * parts;
  if (height < 0)
    return ' ';
  return height < parts ? heights[static_cast<std::size_t>(height)] : '|';
}

void append_columns(std::string& to, columns_span all, std::int64_t least,
                    std::int64_t most) {
  auto range = most == least ? 1.0 : static_cast<double>(most - least);
  for (auto row = 0; row < rows; ++row) {
    for (auto& [value, _] : all)
      to += character(static_cast<double>(value - least) / range, row);
    to += '\n';
  }
  to.append(all.size(), ' ').append("\n");
  std::size_t longest = 0;
  for (auto& [_, label] : all)
    longest = std::max(longest, label.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (auto& [_, label] : all)
      to += i < label.size() ? label[i] : ' ';
    to += '\n';
  }
}

} // namespace

std::string
sparkline(const std::vector<std::pair<std::int64_t, std::string>>& columns) {
  std::string text;
  if (columns.empty())
    return text;
  auto [least, most]
    = std::minmax_element(columns.begin(), columns.end(),
                          [](auto& x, auto& y) { return x.first < y.first; });
  columns_span rest{columns};
  while (!rest.empty()) {
    auto part = rest.first(std::min(rest.size(), widest));
    if (!text.empty())
      text += '\n';
    append_columns(text, part, least->first, most->first);
    rest = rest.subspan(part.size());
  }
  return text;
}

} // namespace saker::session
