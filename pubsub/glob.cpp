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

/// How many bytes the first element takes, and the byte if it is literal.
struct token {
  std::size_t length;
  bool literal;
  char byte;
};

token first_token(std::string_view pattern) noexcept {
  switch (pattern.front()) {
    case '*':
    case '?': return {1, false, 0};
    case '[': return {match_class(pattern, 0).length, false, 0};
    case '\\':
      if (pattern.size() >= 2)
        return {2, true, pattern[1]};
      [[fallthrough]];
    default: return {1, true, pattern.front()};
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

glob_frame frame_of(std::string_view pattern) {
  glob_frame result;
  auto in_head = true;
  while (!pattern.empty()) {
    auto x = first_token(pattern);
    if (x.literal) {
      (in_head ? result.head : result.tail) += x.byte;
    } else {
      in_head = false;
      if (result.tail.size() > result.middle.size())
        result.middle.swap(result.tail);
      result.tail.clear();
    }
    pattern.remove_prefix(x.length);
  }
  return result;
}

} // namespace saker::pubsub
