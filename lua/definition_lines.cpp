#include "lua/definition_lines.hpp"

#include <string>

namespace saker::lua {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_';
}

/// Walks over Lua text token by token, as far as that is needed to find names
/// and braces: strings and comments are stepped over.
class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {
    // nop
  }

  int line() const noexcept {
    return line_;
  }

  /// The next name or single character; empty at the end.
  std::string_view next() {
    while (at_ < text_.size()) {
      auto c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        step();
      else if (text_.substr(at_, 2) == "--")
        skip_comment();
      else if (c == '"' || c == '\'')
        return skip_string(c);
      else if (c == '[' && long_bracket() >= 0)
        return skip_long(long_bracket());
      else
        return token();
    }
    return {};
  }

private:
  void step() {
    if (text_[at_] == '\n')
      ++line_;
    ++at_;
  }

  std::string_view token() {
    auto from = at_;
    while (at_ < text_.size() && is_name(text_[at_]))
      ++at_;
    if (at_ == from)
      ++at_;
    return text_.substr(from, at_ - from);
  }

  std::string_view skip_string(char quote) {
    for (++at_;
         at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n';)
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        step();
      } else {
        ++at_;
      }
    if (at_ < text_.size() && text_[at_] == quote)
      ++at_;
    return "\"";
  }

  /// The level of `[[`, `[=[`… here, or -1.
  int long_bracket() const {
    auto end = at_ + 1;
    while (end < text_.size() && text_[end] == '=')
      ++end;
    return end < text_.size() && text_[end] == '['
             ? static_cast<int>(end - at_ - 1)
             : -1;
  }

  std::string_view skip_long(int level) {
    auto close = "]" + std::string(static_cast<std::size_t>(level), '=') + "]";
    auto end = text_.find(close, at_);
    auto stop = end == std::string_view::npos ? text_.size()
                                              : end + close.size();
    while (at_ < stop)
      step();
    return "\"";
  }

  void skip_comment() {
    at_ += 2;
    if (at_ < text_.size() && text_[at_] == '[' && long_bracket() >= 0) {
      skip_long(long_bracket());
      return;
    }
    while (at_ < text_.size() && text_[at_] != '\n')
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

} // namespace

int line_of_key(std::string_view text, int line, std::string_view key) {
  scanner in{text};
  auto depth = 0;
  auto found = 0; // line of a name that may turn out to be the key
  for (auto token = in.next(); !token.empty(); token = in.next()) {
    if (depth == 0 && in.line() < line)
      continue;
    if (found != 0 && token == "=")
      return found;
    found = 0;
    if (token == "{" || token == "(")
      ++depth;
    else if (token == "}" || token == ")")
      --depth;
    else if (depth == 1 && token == key)
      found = in.line();
    if (depth <= 0 && (token == "}" || token == ")"))
      return line;
  }
  return line;
}

} // namespace saker::lua
