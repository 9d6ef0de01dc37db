#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace saker {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

void hex_to(std::string& out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  out += "\\x";
  out += hex[byte >> 4];
  out += hex[byte & 15];
}

void escape_to(std::string& out, char c) {
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\\': out += "\\\\"; return;
    case '"': out += "\\\""; return;
    default: break;
  }
  if (c >= 0x20 && c < 0x7f)
    out += c;
  else
    hex_to(out, c);
}

/// Optimal string alignment: edits and swaps of neighbours cost one each.
std::size_t distance(std::string_view x, std::string_view y) {
  std::vector<std::size_t> before(y.size() + 1), last(y.size() + 1),
    row(y.size() + 1);
  for (std::size_t j = 0; j <= y.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= x.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= y.size(); ++j) {
      auto same = lower(x[i - 1]) == lower(y[j - 1]);
      row[j]
        = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(x[i - 1]) == lower(y[j - 2])
          && lower(x[i - 2]) == lower(y[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[y.size()];
}

} // namespace

std::string to_lower(std::string_view x) {
  std::string result{x};
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string to_upper(std::string_view x) {
  std::string result{x};
  std::transform(result.begin(), result.end(), result.begin(), upper);
  return result;
}

bool equal_ignoring_case(std::string_view x, std::string_view y) noexcept {
  return x.size() == y.size()
         && std::equal(x.begin(), x.end(), y.begin(),
                       [](char a, char b) { return lower(a) == lower(b); });
}

std::string printable(std::string_view x, std::size_t limit) {
  std::string result;
  for (auto c : x.substr(0, limit))
    escape_to(result, c);
  if (x.size() > limit)
    result += "…";
  return result;
}

std::string ascii_line(std::string_view x) {
  std::string result;
  for (auto c : x)
    if (c == '\t' || (c >= 0x20 && c < 0x7f))
      result += c;
    else
      hex_to(result, c);
  return result;
}

std::string one_line(std::string_view x) {
  std::string result{x};
  for (auto& c : result)
    if (c == '\r' || c == '\n')
      c = ' ';
  return result;
}

std::vector<std::string_view> split(std::string_view x, char separator) {
  std::vector<std::string_view> result;
  for (;;) {
    auto at = x.find(separator);
    result.push_back(x.substr(0, at));
    if (at == std::string_view::npos)
      return result;
    x.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view x) noexcept {
  auto first = x.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return x.substr(first, x.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<long long> parse_integer(std::string_view x) noexcept {
  long long value = 0;
  auto [end, ec] = std::from_chars(x.data(), x.data() + x.size(), value);
  if (ec != std::errc{} || end != x.data() + x.size())
    return std::nullopt;
  return value;
}

std::vector<std::string>
near_matches(std::string_view word, const std::vector<std::string>& known) {
  std::vector<std::pair<std::size_t, std::string>> found;
  for (auto& candidate : known) {
    if (candidate.size() > 2 * word.size() + 2
        || word.size() > 2 * candidate.size() + 2)
      continue;
    auto d = distance(word, candidate);
    auto longest = std::max(word.size(), candidate.size());
    if (d <= std::max<std::size_t>(1, longest / 3) && d < longest)
      found.emplace_back(d, candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> result;
  for (auto& [_, name] : found)
    if (result.size() < 3)
      result.push_back(std::move(name));
  return result;
}

std::string
did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  auto found = near_matches(word, known);
  if (found.empty())
    return {};
  std::string result = " (did you mean ";
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0)
      result += i + 1 == found.size() ? " or " : ", ";
    result += '"' + found[i] + '"';
  }
  return result + "?)";
}

} // namespace saker
