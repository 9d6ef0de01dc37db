#include "base/log_line.hpp"

#include "base/text.hpp"

#include <cstdio>

namespace saker {

namespace {

/// Where the character that has byte `i` begins, in UTF-8.
std::size_t start_of_character(std::string_view x, std::size_t i) {
  while (i > 0 && (static_cast<unsigned char>(x[i]) & 0xc0) == 0x80)
    --i;
  return i;
}

/// How many bytes of a control character `x` begins with; 0: it does not.
std::size_t size_of_control(std::string_view x) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(x[i]); };
  if (byte(0) == 0xc2 && x.size() > 1 && byte(1) >= 0x80 && byte(1) < 0xa0)
    return 2;
  return (byte(0) < 0x20 && x[0] != '\t') || byte(0) == 0x7f ? 1 : 0;
}

std::string escaped(std::string_view x) {
  std::string result;
  for (auto c : x) {
    char text[8];
    std::snprintf(text, sizeof(text), "\\x%02x", static_cast<unsigned char>(c));
    result += text;
  }
  return result;
}

} // namespace

std::string log_line(std::string_view x, std::size_t limit) {
  auto cut = x.size() > limit;
  auto rest = x.substr(0, cut ? start_of_character(x, limit) : limit);
  std::string result;
  for (; !rest.empty(); rest.remove_prefix(1)) {
    auto byte = static_cast<unsigned char>(rest[0]);
    if (byte == '\r' || byte == '\n') {
      result += ' ';
    } else if (auto n = size_of_control(rest); n > 0) {
      result += escaped(rest.substr(0, n));
      rest.remove_prefix(n - 1);
    } else {
      result += rest[0];
    }
  }
  return cut ? result + "…" : result;
}

std::string ascii_text(std::string_view x) {
  constexpr std::string_view dots = "…";
  std::string result;
  for (;;) {
    auto at = x.find(dots);
    result += ascii_line(x.substr(0, at));
    if (at == x.npos)
      return result;
    result += "...";
    x.remove_prefix(at + dots.size());
  }
}

} // namespace saker
