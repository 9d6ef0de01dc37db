#include "resp/parser.hpp"

#include <optional>

namespace saker::resp {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// What ends a word outside of quotes: not every blank does.
bool ends_word(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::optional<int> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return std::nullopt;
}

/// Reads what stands behind an opening quote, through the closing one.
class quoted {
public:
  quoted(std::string_view& rest, std::string& out) : rest_(rest), out_(out) {
    // nop
  }

  bool read(char quote) {
    while (!rest_.empty()) {
      auto c = rest_.front();
      if (c == quote) {
        rest_.remove_prefix(1);
        return rest_.empty() || is_blank(rest_.front());
      }
      if (c == '\\' && rest_.size() > 1)
        quote == '"' ? escape() : escape_single();
      else
        take(c, 1);
    }
    return false; // no closing quote
  }

private:
  void take(char c, std::size_t bytes) {
    out_ += c;
    rest_.remove_prefix(bytes);
  }

  /// In '…' only the quote itself can be escaped.
  void escape_single() {
    if (rest_[1] == '\'')
      take('\'', 2);
    else
      take('\\', 1);
  }

  void escape() {
    if (rest_[1] == 'x' && rest_.size() >= 4) {
      auto high = hex_digit(rest_[2]);
      auto low = hex_digit(rest_[3]);
      if (high && low)
        return take(static_cast<char>(*high * 16 + *low), 4);
    }
    switch (rest_[1]) {
      case 'n': return take('\n', 2);
      case 'r': return take('\r', 2);
      case 't': return take('\t', 2);
      case 'b': return take('\b', 2);
      case 'a': return take('\a', 2);
      default: return take(rest_[1], 2);
    }
  }

  std::string_view& rest_;
  std::string& out_;
};

bool read_word(std::string_view& rest, std::string& out) {
  while (!rest.empty() && !ends_word(rest.front())) {
    auto c = rest.front();
    rest.remove_prefix(1);
    if (c == '"' || c == '\'')
      return quoted{rest, out}.read(c); // a closing quote ends the word
    out += c;
  }
  return true;
}

} // namespace

bool split_inline(std::string_view line, std::string& bytes,
                  std::vector<std::size_t>& lengths) {
  line = line.substr(0, line.find('\0')); // there Redis stops, too
  for (;;) {
    while (!line.empty() && is_blank(line.front()))
      line.remove_prefix(1);
    if (line.empty())
      return true;
    auto before = bytes.size();
    if (!read_word(line, bytes))
      return false;
    lengths.push_back(bytes.size() - before);
  }
}

} // namespace saker::resp
