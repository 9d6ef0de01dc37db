#include "cli/printed_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace saker::cli {

namespace {

struct code_range {
  char32_t first;
  char32_t last;
};

/// Characters that stand on the one before them.
constexpr code_range combining[] = {
  {0x0300, 0x036f},   {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x0610, 0x061a},
  {0x064b, 0x065f},   {0x06d6, 0x06dc},   {0x0900, 0x0902}, {0x093c, 0x093c},
  {0x0941, 0x0948},   {0x0e31, 0x0e31},   {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
  {0x1160, 0x11ff},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff}, {0x200b, 0x200d},
  {0x20d0, 0x20ff},   {0x3099, 0x309a},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
  {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef},
};

/// Characters that take two columns.
constexpr code_range wide[] = {
  {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},
  {0x23e9, 0x23ec},   {0x2614, 0x2615},   {0x26a1, 0x26a1},
  {0x2705, 0x2705},   {0x274c, 0x274c},   {0x2753, 0x2755},
  {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
  {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},
  {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
  {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
  {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

template <std::size_t N>
bool within(const code_range (&ranges)[N], char32_t x) noexcept {
  auto end = std::end(ranges);
  auto i = std::lower_bound(
    std::begin(ranges), end, x,
    [](auto& range, char32_t code) { return range.last < code; });
  return i != end && x >= i->first;
}

std::size_t columns(char32_t x) noexcept {
  return within(combining, x) ? 0 : within(wide, x) ? 2 : 1;
}

/// What a terminal obeys, and what turns the direction of writing.
bool obeyed(char32_t x) noexcept {
  return x < 0x20 || (x >= 0x7f && x < 0xa0) || x == 0x200e || x == 0x200f
         || (x >= 0x2028 && x <= 0x202e) || (x >= 0x2066 && x <= 0x2069);
}

/// The first character of a text, and the bytes it takes.
struct character {
  char32_t code;
  std::size_t size;
  bool valid; ///< false: one byte that is no UTF-8
};

character first_of(std::string_view x) noexcept {
  auto byte = [&](std::size_t i) {
    return i < x.size() ? static_cast<unsigned char>(x[i]) : 0u;
  };
  auto lead = byte(0);
  character broken{lead, 1, false};
  if (lead < 0x80)
    return {lead, 1, true};
  auto size = lead >= 0xf0 ? 4u : lead >= 0xe0 ? 3u : 2u;
  if (lead < 0xc2 || lead > 0xf4)
    return broken;
  char32_t code = lead & (0x7fu >> size);
  for (auto i = 1u; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return broken;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t least[] = {0x80, 0x800, 0x10000};
  if (code < least[size - 2] || code > 0x10ffff
      || (code >= 0xd800 && code < 0xe000))
    return broken;
  return {code, size, true};
}

void escape_to(std::string& out, std::string_view bytes) {
  static constexpr char hex[] = "0123456789abcdef";
  for (auto c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\x";
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
  }
}

} // namespace

std::string shown(std::string_view x) {
  std::string result;
  while (!x.empty()) {
    auto next = first_of(x);
    auto bytes = x.substr(0, next.size);
    if (!next.valid || obeyed(next.code))
      escape_to(result, bytes);
    else
      result += bytes;
    x.remove_prefix(next.size);
  }
  return result;
}

std::size_t display_width(std::string_view x) noexcept {
  std::size_t result = 0;
  while (!x.empty()) {
    auto next = first_of(x);
    result += columns(next.code);
    x.remove_prefix(next.size);
  }
  return result;
}

std::string cut(std::string_view x, std::size_t width, bool ascii) {
  if (display_width(x) <= width)
    return std::string{x};
  auto end = ascii ? std::string(std::min<std::size_t>(width, 3), '.')
                   : std::string{width > 0 ? "…" : ""};
  auto room = width - display_width(end);
  std::string result;
  std::size_t used = 0;
  while (!x.empty()) {
    auto next = first_of(x);
    used += columns(next.code);
    if (used > room)
      break;
    result += x.substr(0, next.size);
    x.remove_prefix(next.size);
  }
  return result + end;
}

std::string wrapped(std::string_view x, std::size_t width) {
  std::string result;
  for (auto line : split(x, '\n')) {
    std::size_t used = 0;
    for (auto word : split(line, ' ')) {
      auto columns = display_width(word);
      if (used > 0) {
        auto fits = used + 1 + columns <= width;
        result += fits ? ' ' : '\n';
        used = fits ? used + 1 : 0;
      }
      result += word;
      used += columns;
    }
    result += '\n';
  }
  result.pop_back();
  return result;
}

} // namespace saker::cli
