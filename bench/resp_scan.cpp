#include "bench/resp_scan.hpp"

#include <charconv>

namespace saker::bench {

namespace {

constexpr auto broken = std::string_view::npos;

/// Position behind one line that starts at `at`; 0: not whole yet.
std::size_t
line(std::string_view data, std::size_t at, std::string_view& text) {
  auto end = data.find("\r\n", at);
  if (end == std::string_view::npos)
    return 0;
  text = data.substr(at, end - at);
  return end + 2;
}

/// Position behind the element at `at`; 0 and npos as in scan.
std::size_t
element(std::string_view data, std::size_t at, frame& x, int depth) {
  std::string_view text;
  auto next = line(data, at, text);
  if (next == 0)
    return 0;
  if (text.empty() || depth > 8)
    return broken;
  auto type = text.front();
  text.remove_prefix(1);
  long long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (depth == 0) {
    x.type = type;
    x.number = number;
    x.line = text;
  }
  long long inside = 0;
  switch (type) {
    case '+':
    case '-':
    case ':':
    case ',':
    case '#':
    case '_':
    case '(':
      if (depth > 0)
        x.items.push_back(text);
      return next;
    case '$':
    case '=':
    case '!': {
      if (number < 0)
        return next;
      auto size = static_cast<std::size_t>(number);
      if (data.size() < next + size + 2)
        return 0;
      x.items.push_back(data.substr(next, size));
      return next + size + 2;
    }
    case '*':
    case '>':
    case '~': inside = number; break;
    case '%':
    case '|': inside = 2 * number; break;
    default: return broken;
  }
  for (long long i = 0; i < inside; ++i) {
    next = element(data, next, x, depth + 1);
    if (next == 0 || next == broken)
      return next;
  }
  return next;
}

} // namespace

std::size_t scan(std::string_view data, frame& x) {
  x.items.clear();
  return data.empty() ? 0 : element(data, 0, x, 0);
}

} // namespace saker::bench
