#include "acl/whole_rule.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <iterator>

namespace saker::acl {

namespace {

constexpr std::string_view unmatched = "Unmatched parenthesis";

bool is_about_password(std::string_view rule) {
  return rule.find_first_of("><#!") == 0;
}

/// Does it begin like a rule, or is it one? Anything else may be a password whose
/// `>` was forgotten.
bool is_like_a_rule(std::string_view x) {
  constexpr std::string_view words[]{"on",
                                     "off",
                                     "nopass",
                                     "resetpass",
                                     "allkeys",
                                     "resetkeys",
                                     "allchannels",
                                     "resetchannels",
                                     "allcommands",
                                     "nocommands",
                                     "reset",
                                     "clearselectors",
                                     "sanitize-payload",
                                     "skip-sanitize-payload"};
  return x.find_first_of("+-~%&(") == 0
         || std::any_of(std::begin(words), std::end(words),
                        [x](auto y) { return equal_ignoring_case(x, y); });
}

/// `>(redacted)`
std::string without_password(std::string_view word) {
  auto sign = is_about_password(word) ? 1 : 0;
  return std::string{word.substr(0, sign)} + "(redacted)";
}

/// A word of a selector, with its parentheses.
std::string shown_in_selector(std::string_view word) {
  auto begin = std::min(word.find_first_not_of('('), word.size());
  auto core = word.substr(begin);
  if (core.ends_with(')'))
    core.remove_suffix(1);
  if (core.empty() || is_like_a_rule(core))
    return std::string{word};
  return std::string{word.substr(0, begin)} + without_password(core)
         + std::string{word.substr(begin + core.size())};
}

/// What stands in an error of one line, without the rest from a NUL on.
std::string shown(std::string_view rule) {
  rule = rule.substr(0, rule.find('\0'));
  if (is_about_password(rule))
    return without_password(rule);
  std::string text;
  for (auto part : split(rule, ' ')) {
    text += text.empty() ? "" : " ";
    if (rule.starts_with('('))
      text += shown_in_selector(part);
    else
      text += is_about_password(part) ? without_password(part)
                                      : std::string{part};
  }
  return one_line(text);
}

} // namespace

result<std::vector<whole_rule>>
whole_rules(std::span<const std::string> rules) {
  std::vector<whole_rule> all;
  const std::string* open = nullptr;
  for (auto& x : rules) {
    if (open)
      all.back().text += ' ' + x;
    else
      all.push_back({x, static_cast<std::size_t>(&x - rules.data()) + 1});
    if (!open && x.starts_with('(') && (x.size() == 1 || x.back() != ')'))
      open = &x;
    else if (open && x.ends_with(')'))
      open = nullptr;
  }
  if (open)
    return fail(errc::invalid_argument, std::string{unmatched}
                                          + " in acl selector starting at '"
                                          + shown(*open) + "'.");
  return all;
}

std::string name_of(const whole_rule& x) {
  if (is_about_password(x.text) || is_like_a_rule(x.text))
    return '\'' + shown(x.text) + '\'';
  return "rule " + std::to_string(x.position)
         + " (not shown: it may be a password without >)";
}

bool names_a_rule(std::string_view error) {
  return !error.starts_with(unmatched);
}

} // namespace saker::acl
