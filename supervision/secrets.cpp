#include "supervision/secrets.hpp"

#include "base/text.hpp"
#include "supervision/json_secrets.hpp"

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

/// A number behind the colon, or none.
bool is_port(std::string_view authority, std::size_t colon) {
  if (colon == authority.npos)
    return true;
  auto rest = authority.substr(colon + 1);
  auto digits = rest.find_first_not_of("0123456789");
  return digits == rest.npos
         || std::string_view{"/?#"}.find(rest[digits])
              != std::string_view::npos;
}

/// `--password`, of which the value is the next word.
bool announces_secret(std::string_view word) {
  return word.starts_with('-') && word.find('=') == word.npos
         && is_secret_name(word);
}

/// Where the password of a URL stands whose authority begins at `i`; empty: there
/// is none. One that is cut, as the slow log does, has no `@` any more.
std::string_view password_of_url(std::string_view text, std::size_t i) {
  auto end = std::min(text.find_first_of(" \t\r\n\"'`<>|", i), text.size());
  auto whole = text.substr(i, end - i);
  auto at = whole.substr(0, whole.find_first_of("/?#")).rfind('@');
  auto colon = whole.find(':');
  if (at == whole.npos && !is_port(whole, colon))
    at = whole.rfind('@'); // some write a `/` into a password
  auto cut = at == whole.npos && text.ends_with(" more bytes)")
             && whole.ends_with("...") && !is_port(whole, colon);
  if (cut)
    at = whole.size() - 3;
  return at == whole.npos || colon >= at
           ? std::string_view{}
           : whole.substr(colon + 1, at - colon - 1);
}

} // namespace

bool is_secret_name(std::string_view x) {
  auto name = to_upper(x);
  constexpr std::string_view words[] = {"PASS", "SECRET", "TOKEN", "KEY"};
  return std::any_of(std::begin(words), std::end(words), [&](auto word) {
    return name.find(word) != std::string::npos;
  });
}

std::string without_url_passwords(std::string_view text) {
  constexpr std::string_view mark = "://";
  std::string result;
  for (auto next = text.find(mark); next != text.npos; next = text.find(mark)) {
    auto begin = next + mark.size();
    auto password = password_of_url(text, begin);
    if (!password.empty())
      begin = static_cast<std::size_t>(password.data() - text.data());
    result += text.substr(0, begin);
    if (!password.empty())
      result += hidden;
    text.remove_prefix(begin + password.size());
  }
  return result.append(text);
}

std::vector<std::string> without_secrets(const std::vector<std::string>& argv) {
  std::vector<std::string> result;
  auto secret = false;
  for (auto& word : argv) {
    auto name = std::string_view{word}.substr(0, word.find('='));
    auto plain = std::none_of(name.begin(), name.end(), is_space);
    if (std::exchange(secret, announces_secret(word))
        && !word.starts_with('-')) {
      secret = false;
      result.emplace_back(hidden);
    } else if (plain && name.size() < word.size() && is_secret_name(name)) {
      result.push_back(std::string{name} + '=' + std::string{hidden});
    } else {
      auto script = std::any_of(word.begin(), word.end(), is_space);
      result.push_back(script
                         ? without_secrets(std::string_view{word})
                         : without_url_passwords(without_json_secrets(word)));
    }
  }
  return result;
}

std::string without_secrets(std::string_view text) {
  auto script = without_json_secrets(text);
  std::string result;
  std::size_t i = 0;
  auto secret = false; // the next word
  while (i < script.size()) {
    if (is_space(script[i])) {
      result += script[i++];
      continue;
    }
    auto end = end_of_value(script, i);
    auto word = std::string_view{script}.substr(i, end - i);
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
  return without_url_passwords(result);
}

} // namespace saker::supervision
