#include "supervision/env_file.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Reads one file from its begin to its end.
class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {
    // nop
  }

  result<std::map<std::string, std::string>> run() {
    std::map<std::string, std::string> all;
    while (skip_to_name()) {
      auto begin = line_;
      auto name = read_name();
      if (!name)
        return at(begin, name.error().detail);
      auto value = read_value();
      if (!value)
        return at(begin, value.error().detail);
      if (value->find('\0') != std::string::npos)
        return at(begin, "the value contains a zero byte");
      all[*name] = std::move(*value);
    }
    return all;
  }

private:
  static failure at(int line, const std::string& what) {
    return fail(errc::syntax, std::to_string(line) + ": " + what);
  }

  bool at_end() const {
    return at_ == text_.size();
  }

  char take() {
    auto c = text_[at_++];
    line_ += c == '\n' ? 1 : 0;
    return c;
  }

  void skip_line() {
    while (!at_end() && take() != '\n') {
      // nop
    }
  }

  /// False at the end of the file.
  bool skip_to_name() {
    while (!at_end()) {
      auto c = text_[at_];
      if (c == '#' || c == ';')
        skip_line();
      else if (is_blank(c))
        take();
      else
        return true;
    }
    return false;
  }

  result<std::string> read_name() {
    auto end = text_.find_first_of("=\n", at_);
    auto line = text_.substr(at_, end == text_.npos ? end : end - at_);
    std::string name{trim(line)};
    if (end == text_.npos || text_[end] == '\n')
      return fail(errc::syntax, "it is not NAME=value");
    at_ = end + 1;
    if (is_variable_name(name))
      return name;
    return fail(errc::syntax,
                name.starts_with("export ")
                  ? "leave out \"export\""
                  : "what is before \"=\" is not the name of a variable");
  }

  result<std::string> read_value() {
    std::string value;
    std::size_t kept = 0; // what trailing blanks do not shorten
    auto open = true;     // a quote may begin here
    while (!at_end()) {
      auto c = take();
      if (c == '\n')
        break;
      if (open && (c == '"' || c == '\'')) {
        if (!read_quoted(c, value))
          return fail(errc::syntax, "a quote is not closed");
        kept = value.size();
        continue;
      }
      if (open && is_blank(c))
        continue;
      open = false;
      if (c != '\\') {
        value += c;
        kept = is_blank(c) ? kept : value.size();
      } else if (!at_end()) {
        auto next = take();
        if (next != '\n') {
          value += next;
          kept = value.size();
        }
      }
    }
    value.resize(kept);
    return value;
  }

  /// Behind the first quote; false if there is no second.
  bool read_quoted(char quote, std::string& value) {
    constexpr std::string_view escaped = "\"\\`$";
    while (!at_end()) {
      auto c = take();
      if (c == quote)
        return true;
      if (quote == '\'' || c != '\\' || at_end()) {
        value += c;
        continue;
      }
      auto next = take();
      if (next == '\n')
        continue;
      if (escaped.find(next) == escaped.npos)
        value += '\\';
      value += next;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

} // namespace

result<std::map<std::string, std::string>> parse_env_file(std::string_view x) {
  return scanner{x}.run();
}

bool is_variable_name(std::string_view x) noexcept {
  auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_';
  };
  return !x.empty() && !(x.front() >= '0' && x.front() <= '9')
         && std::all_of(x.begin(), x.end(), good);
}

} // namespace saker::supervision
