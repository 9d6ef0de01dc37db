#include "supervision/json_secrets.hpp"

#include "supervision/secrets.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

constexpr std::string_view json_blanks = " \t\r\n";

/// More than any name of a secret has.
constexpr std::size_t longest_json_name = 256;

bool is_quote(char x) noexcept {
  return x == '"' || x == '\'';
}

/// A quote, with the backslashes before it: `"`, `\"`, `\\\"`, by how many texts
/// this one is within.
struct json_quote {
  char mark = 0; ///< 0: there is none
  std::size_t depth = 0;
};

std::size_t backslashes_before(std::string_view text, std::size_t i) noexcept {
  auto begin = i;
  while (begin > 0 && text[begin - 1] == '\\')
    --begin;
  return i - begin;
}

/// Whether that many backslashes before the same mark end what `x` began, and do
/// not belong to a quote within it.
bool ends(json_quote x, std::size_t backslashes) noexcept {
  return backslashes <= x.depth
         || (backslashes - x.depth) % (2 * (x.depth + 1)) == 0;
}

/// Where the string ends whose first character is at `i`: at the backslashes of
/// its quote, or at the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t i, json_quote x) {
  for (auto at = i; (at = text.find(x.mark, at)) != text.npos; ++at) {
    auto count = std::min(backslashes_before(text, at), at - i);
    if (ends(x, count))
      return at - std::min(count, x.depth);
  }
  return text.size();
}

/// The quote that stands at `i`, or how many backslashes.
json_quote quote_at(std::string_view text, std::size_t i) noexcept {
  auto next = std::min(text.find_first_not_of('\\', i), text.size());
  auto quoted = next < text.size() && is_quote(text[next]);
  return {quoted ? text[next] : '\0', next - i};
}

/// The name whose quotes end before `colon`; empty: none does.
std::string_view name_before(std::string_view text, std::size_t colon) {
  auto last = text.find_last_not_of(json_blanks, colon - 1);
  if (colon == 0 || last == text.npos || !is_quote(text[last]))
    return {};
  auto end = last - backslashes_before(text, last);
  auto from = end - std::min(end, longest_json_name);
  auto name = text.substr(from, end - from);
  auto begin = name.rfind(text[last]);
  return begin == name.npos ? std::string_view{} : name.substr(begin + 1);
}

/// Where the list or object ends that begins at `i`.
std::size_t end_of_brackets(std::string_view text, std::size_t i) {
  std::size_t open = 0;
  while (i < text.size()) {
    auto quote = quote_at(text, i);
    if (quote.mark != 0) {
      auto begin = i + quote.depth + 1;
      i = std::min(end_of_string(text, begin, quote) + quote.depth + 1,
                   text.size());
      continue;
    }
    i += quote.depth; // each only once, however many
    auto c = i < text.size() ? text[i++] : '\0';
    if (c == '{' || c == '[')
      ++open;
    else if ((c == '}' || c == ']') && --open == 0)
      return i;
  }
  return text.size();
}

/// Where a value begins and ends, without its quotes.
std::string_view json_value(std::string_view text, std::size_t i) {
  i = std::min(text.find_first_not_of(json_blanks, i), text.size());
  if (auto quote = quote_at(text, i); quote.mark != 0) {
    i += quote.depth + 1;
    return text.substr(i, end_of_string(text, i, quote) - i);
  }
  if (i < text.size() && (text[i] == '{' || text[i] == '['))
    return text.substr(i, end_of_brackets(text, i) - i);
  auto end = text.find_first_of(",}]\"'\\ \t\r\n", i);
  return text.substr(i, std::min(end, text.size()) - i);
}

} // namespace

std::string without_json_secrets(std::string_view text) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t i = 0; (i = text.find(':', i)) != text.npos; ++i) {
    if (!is_secret_name(name_before(text, i)))
      continue;
    auto value = json_value(text, i + 1);
    if (value.empty())
      continue;
    auto begin = static_cast<std::size_t>(value.data() - text.data());
    result.append(text.substr(done, begin - done)).append(hidden);
    done = begin + value.size();
    i = done - 1;
  }
  return result.append(text.substr(done));
}

} // namespace saker::supervision
