#include "base/json.hpp"

namespace saker {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool continues(std::string_view x, std::size_t i) {
  return i < x.size() && (static_cast<unsigned char>(x[i]) & 0xc0) == 0x80;
}

/// The bytes of the character that begins at `i`; 0 if it is not UTF-8.
std::size_t length_at(std::string_view x, std::size_t i) {
  auto byte = [&](std::size_t k) { return static_cast<unsigned char>(x[k]); };
  auto first = byte(i);
  if (first < 0x80)
    return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(x, i + 1))
    return 0;
  if (first < 0xe0)
    return 2;
  // Too long, a surrogate, or beyond the last character.
  auto second = byte(i + 1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)
      || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)
      || !continues(x, i + 2))
    return 0;
  if (first < 0xf0)
    return 3;
  return continues(x, i + 3) ? 4 : 0;
}

void append_escaped(std::string& out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7f) {
    out += c;
    return;
  }
  out += "\\u00";
  out += hex[byte >> 4];
  out += hex[byte & 15];
}

} // namespace

void append_json(std::string& out, std::string_view x) {
  out += '"';
  for (std::size_t i = 0; i < x.size();) {
    auto n = length_at(x, i);
    if (n == 1)
      append_escaped(out, x[i]);
    else if (n == 0)
      out += replacement;
    else
      out += x.substr(i, n);
    i += n == 0 ? 1 : n;
  }
  out += '"';
}

} // namespace saker
