#include "supervision/secrets.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace saker::supervision {

namespace {

bool is_space(char x) {
  return x == ' ' || x == '\t' || x == '\n' || x == ';' || x == '&' || x == '|';
}

/// Where the value that begins at `i` ends: at a blank outside of quotes.
std::size_t end_of_value(std::string_view text, std::size_t i) {
  char quote = 0;
  for (; i < text.size(); ++i) {
    auto c = text[i];
    if (quote != 0) {
      if (c == quote)
        quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (is_space(c)) {
      break;
    }
  }
  return i;
}

/// `--password`, of which the value is the next word.
bool announces_secret(std::string_view word) {
  return word.starts_with('-') && word.find('=') == word.npos
         && is_secret_name(word);
}

} // namespace

bool is_secret_name(std::string_view x) {
  auto name = to_upper(x);
  constexpr std::string_view words[] = {"PASS", "SECRET", "TOKEN", "KEY"};
  return std::any_of(std::begin(words), std::end(words), [&](auto word) {
    return name.find(word) != std::string::npos;
  });
}

std::vector<std::string> without_secrets(const std::vector<std::string>& argv) {
  std::vector<std::string> result;
  auto secret = false;
  for (auto& word : argv) {
    auto equal = word.find('=');
    if (std::exchange(secret, announces_secret(word))
        && !word.starts_with('-')) {
      secret = false;
      result.emplace_back(hidden);
    } else if (equal != word.npos
               && is_secret_name(std::string_view{word}.substr(0, equal))) {
      result.push_back(word.substr(0, equal + 1) + std::string{hidden});
    } else {
      result.push_back(word);
    }
  }
  return result;
}

std::string without_secrets(std::string_view script) {
  std::string result;
  std::size_t i = 0;
  auto secret = false; // the next word
  while (i < script.size()) {
    if (is_space(script[i])) {
      result += script[i++];
      continue;
    }
    auto end = end_of_value(script, i);
    auto word = script.substr(i, end - i);
    auto equal = word.find('=');
    if (secret && !word.starts_with('-')) {
      result += hidden;
      secret = false;
    } else if (equal != word.npos && is_secret_name(word.substr(0, equal))) {
      result += word.substr(0, equal + 1);
      result += hidden;
      secret = false;
    } else {
      result += word;
      secret = announces_secret(word);
    }
    i = end;
  }
  return result;
}

} // namespace saker::supervision
