#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker::pubsub {

namespace {

/// Enough for everything but patterns made to waste time.
constexpr std::size_t max_steps(std::size_t bytes) noexcept {
  return 4 * 1024 + 4 * bytes;
}

/// The first element of a pattern that is not a star.
struct element {
  std::size_t length; ///< of the pattern
  bool matches;       ///< the byte it was asked about
};

/// Reads `[…]` at the start of `pattern`. Bytes compare as signed, like C's
/// char on the machines where Redis' semantics were measured.
element match_class(std::string_view pattern, char c) noexcept {
  std::size_t i = 1;
  auto rest = [&] { return pattern.size() - i; };
  auto negated = i < pattern.size() && pattern[i] == '^';
  if (negated)
    ++i;
  auto hit = false;
  while (i < pattern.size()) {
    if (rest() >= 2 && pattern[i] == '\\') {
      hit = hit || pattern[i + 1] == c;
      i += 2;
    } else if (pattern[i] == ']') {
      break;
    } else if (rest() >= 3 && pattern[i + 1] == '-') {
      auto from = static_cast<signed char>(pattern[i]);
      auto to = static_cast<signed char>(pattern[i + 2]);
      auto x = static_cast<signed char>(c);
      hit = hit || (x >= std::min(from, to) && x <= std::max(from, to));
      i += 3;
    } else {
      hit = hit || pattern[i] == c;
      ++i;
    }
  }
  // Without a closing bracket the pattern ends here, too.
  return {std::min(i + 1, pattern.size()), hit != negated};
}

element match_one(std::string_view pattern, char c) noexcept {
  switch (pattern.front()) {
    case '?': return {1, true};
    case '[': return match_class(pattern, c);
    case '\\':
      if (pattern.size() >= 2)
        return {2, pattern[1] == c};
      [[fallthrough]];
    default: return {1, pattern.front() == c};
  }
}

std::size_t count_stars(std::string_view pattern, std::size_t from) noexcept {
  auto end = pattern.find_first_not_of('*', from);
  return (end == pattern.npos ? pattern.size() : end) - from;
}

/// How many bytes the first element takes; 0: it is a byte that means itself.
std::size_t special_at(std::string_view pattern) noexcept {
  switch (pattern.front()) {
    case '*':
    case '?': return 1;
    case '[': return match_class(pattern, 0).length;
    case '\\': return pattern.size() >= 2 ? 2 : 0;
    default: return 0;
  }
}

} // namespace

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  if (text.empty())
    return pattern.empty(); // not even a star matches nothing
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = pattern.npos; // behind the last star …
  std::size_t star_text = 0;       // … and where its rest was tried last
  std::size_t steps = max_steps(pattern.size() + text.size());
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      p += count_stars(pattern, p);
      if (p == pattern.size())
        return true;
      star = p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      auto x = match_one(pattern.substr(p), text[t]);
      steps -= std::min(steps, x.length);
      if (x.matches) {
        p += x.length;
        ++t;
        continue;
      }
    }
    // Only the last star can help: what the ones before it matched is as
    // short as possible already.
    if (star == pattern.npos || steps == 0)
      return false;
    p = star;
    t = ++star_text;
    --steps;
  }
  return p + count_stars(pattern, p) == pattern.size();
}

bool glob_may_begin_with(std::string_view pattern,
                         std::string_view prefix) noexcept {
  for (auto c : prefix) {
    if (pattern.empty())
      return false;
    if (pattern.front() == '*')
      return true;
    auto x = match_one(pattern, c);
    if (!x.matches)
      return false;
    pattern.remove_prefix(x.length);
  }
  return true;
}

glob_frame frame_of(std::string_view pattern) noexcept {
  glob_frame result;
  std::size_t begin = 0; // of the present literal
  for (std::size_t at = 0; at < pattern.size();) {
    auto length = special_at(pattern.substr(at));
    if (length == 0) {
      ++at;
      continue;
    }
    auto literal = pattern.substr(begin, at - begin);
    if (begin == 0)
      result.head = literal;
    else if (literal.size() > result.middle.size())
      result.middle = literal;
    begin = at += length;
  }
  (begin == 0 ? result.head : result.tail) = pattern.substr(begin);
  return result;
}

} // namespace saker::pubsub
