#include "lua/pattern.hpp"

#include <array>
#include <cstring>
#include <string>

namespace saker::lua {

namespace {

// Of a comparison with what a capture holds.
constexpr std::size_t bytes_per_step = 16;

/// Leaves the recursion of a matcher; caught where it was entered.
struct mismatch_of_rules {
  failure why;
};

[[noreturn]] void give_up(errc code, std::string detail) {
  throw mismatch_of_rules{fail(code, std::move(detail))};
}

unsigned char byte_at(std::string_view x, std::size_t i) {
  return i < x.size() ? static_cast<unsigned char>(x[i]) : 0;
}

bool is_lower(unsigned char c) {
  return c >= 'a' && c <= 'z';
}

bool is_upper(unsigned char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}

bool is_alpha(unsigned char c) {
  return is_lower(c) || is_upper(c);
}

bool is_graph(unsigned char c) {
  return c > 0x20 && c < 0x7f;
}

bool is_hex(unsigned char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_space(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Whether `c` belongs to the class `%letter`, whatever the locale says.
bool in_class(unsigned char c, unsigned char letter) {
  auto lower = is_upper(letter) ? static_cast<unsigned char>(letter - 'A' + 'a')
                                : letter;
  bool result;
  switch (lower) {
    case 'a': result = is_alpha(c); break;
    case 'c': result = c < 0x20 || c == 0x7f; break;
    case 'd': result = is_digit(c); break;
    case 'g': result = is_graph(c); break;
    case 'l': result = is_lower(c); break;
    case 'p': result = is_graph(c) && !is_alpha(c) && !is_digit(c); break;
    case 's': result = is_space(c); break;
    case 'u': result = is_upper(c); break;
    case 'w': result = is_alpha(c) || is_digit(c); break;
    case 'x': result = is_hex(c); break;
    case 'z': result = c == 0; break;
    default: return c == letter;
  }
  return result != is_upper(letter);
}

/// Where the bracket is that closes a set whose members begin at `at`; the
/// size of the text or more if there is none. One in the first place is a
/// member.
std::size_t end_of_set(std::string_view text, std::size_t at) {
  do {
    at += byte_at(text, at) == '%' ? 2 : 1;
  } while (at < text.size() && text[at] != ']');
  return at;
}

using byte_set = std::bitset<256>;

/// The members of `%letter` for every byte that a letter can be.
const byte_set& members_of(unsigned char letter) {
  static const auto all = [] {
    std::array<byte_set, 256> out;
    for (std::size_t x = 0; x < 256; ++x)
      for (std::size_t c = 0; c < 256; ++c)
        out[x][c] = in_class(static_cast<unsigned char>(c),
                             static_cast<unsigned char>(x));
    return out;
  }();
  return all[letter];
}

} // namespace

// -- the text ------------------------------------------------------------------

pattern::pattern(std::string_view text, bool anchors) {
  if (anchors && !text.empty() && text[0] == '^') {
    anchored_ = true;
    text.remove_prefix(1);
  }
  items_.reserve(text.size());
  compile(text);
}

void pattern::compile(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && mistake_ == nullptr) {
    auto next = byte_at(text, at + 1);
    switch (text[at]) {
      case '(': {
        auto position = next == ')';
        items_.push_back({position ? kind::position : kind::open});
        at += position ? 2 : 1;
        break;
      }
      case ')':
        items_.push_back({kind::close});
        ++at;
        break;
      case '$':
        if (at + 1 == text.size()) {
          items_.push_back({kind::end});
          ++at;
        } else {
          at = compile_single(text, at);
        }
        break;
      case '%': at = compile_escape(text, at); break;
      default: at = compile_single(text, at); break;
    }
  }
}

/// What may not be repeated: %b, %f and back references. Else a single.
std::size_t pattern::compile_escape(std::string_view text, std::size_t at) {
  auto letter = byte_at(text, at + 1);
  if (letter == 'b') {
    if (at + 3 >= text.size()) {
      add_mistake("malformed pattern (missing arguments to '%b')");
      return at;
    }
    items_.push_back({kind::balance, times::one, byte_at(text, at + 2),
                      byte_at(text, at + 3)});
    return at + 4;
  }
  if (letter == 'f') {
    if (byte_at(text, at + 2) != '[') {
      add_mistake("missing '[' after '%f' in pattern");
      return at;
    }
    item x{kind::frontier};
    auto after = compile_set(text, at + 2, x);
    if (mistake_ == nullptr)
      items_.push_back(x);
    return after;
  }
  if (is_digit(letter)) {
    items_.push_back({kind::back, times::one, letter});
    return at + 2;
  }
  return compile_single(text, at);
}

/// One byte, class or set, and how often it may come.
std::size_t pattern::compile_single(std::string_view text, std::size_t at) {
  item x;
  switch (text[at]) {
    case '%': {
      if (at + 1 == text.size()) {
        add_mistake("malformed pattern (ends with '%')");
        return at;
      }
      auto letter = byte_at(text, at + 1);
      if (is_alpha(letter)) {
        x.what = kind::set;
        add_set(members_of(letter), x);
      } else {
        x.a = letter;
      }
      at += 2;
      break;
    }
    case '[':
      x.what = kind::set;
      at = compile_set(text, at, x);
      if (mistake_ != nullptr)
        return at;
      break;
    case '.':
      x.what = kind::any;
      ++at;
      break;
    default: x.a = byte_at(text, at++); break;
  }
  switch (byte_at(text, at)) {
    case '?': x.how = times::maybe; break;
    case '*': x.how = times::many; break;
    case '+': x.how = times::some; break;
    case '-': x.how = times::few; break;
    default: items_.push_back(x); return at;
  }
  items_.push_back(x);
  return at + 1;
}

/// The set that begins with the bracket at `at`; returns what follows it.
std::size_t
pattern::compile_set(std::string_view text, std::size_t at, item& out) {
  ++at;
  auto complement = byte_at(text, at) == '^';
  if (complement)
    ++at;
  auto end = end_of_set(text, at);
  if (end >= text.size()) {
    add_mistake("malformed pattern (missing ']')");
    return end;
  }
  byte_set members;
  while (at < end) {
    auto c = byte_at(text, at);
    if (c == '%') {
      members |= members_of(byte_at(text, at + 1));
      at += 2;
    } else if (byte_at(text, at + 1) == '-' && at + 2 < end) {
      for (std::size_t x = c; x <= byte_at(text, at + 2); ++x)
        members.set(x);
      at += 3;
    } else {
      members.set(c);
      ++at;
    }
  }
  add_set(complement ? ~members : members, out);
  return end + 1;
}

void pattern::add_mistake(const char* message) {
  mistake_ = message;
  items_.push_back({kind::mistake});
}

void pattern::add_set(const byte_set& x, item& out) {
  out.index = static_cast<std::uint32_t>(sets_.size());
  sets_.push_back(x);
}

// -- the match -----------------------------------------------------------------

result<bool> matcher::match_at(std::size_t at) {
  try {
    level_ = 0;
    depth_ = 0;
    begin_ = at;
    end_ = follow(at, 0);
    return end_ != npos;
  } catch (mismatch_of_rules& e) {
    return std::move(e.why);
  }
}

result<bool> matcher::find(std::size_t from) {
  for (auto at = from; at <= subject_.size(); ++at) {
    auto found = match_at(at);
    if (!found || *found || pattern_.anchored())
      return found;
  }
  return false;
}

result<capture> matcher::get(std::size_t i) const {
  if (i == 0 && level_ == 0)
    return capture{begin_, end_ - begin_, false};
  if (i >= level_)
    return fail(errc::syntax, "invalid capture index");
  auto& x = captures_[i];
  switch (x.state) {
    case capture_state::open: return fail(errc::syntax, "unfinished capture");
    case capture_state::position: return capture{x.begin, 0, true};
    default: return capture{x.begin, x.length, false};
  }
}

void matcher::step(std::size_t n) {
  if (steps_ <= n)
    give_up(errc::busy, "the pattern takes too many steps; anchor it, or use "
                        "fewer of `.-` and `.*`");
  steps_ -= n;
}

/// Where a match of the items from `next` on, beginning at `at`, ends; npos if
/// there is none.
std::size_t matcher::follow(std::size_t at, std::size_t next) {
  using kind = pattern::kind;
  using times = pattern::times;
  struct level {
    explicit level(int& x) : depth(x) {
      if (++depth > deepest)
        give_up(errc::limit, "pattern too complex");
    }
    ~level() {
      --depth;
    }
    int& depth;
  } here{depth_};
  for (; next < pattern_.items_.size(); ++next) {
    step();
    auto& x = pattern_.items_[next];
    switch (x.what) {
      case kind::open: return open(at, next, capture_state::open);
      case kind::position: return open(at, next, capture_state::position);
      case kind::close: return close(at, next);
      case kind::end: return at == subject_.size() ? at : npos;
      case kind::mistake: give_up(errc::syntax, pattern_.mistake_);
      case kind::balance:
        at = balance(at, x);
        if (at == npos)
          return npos;
        break;
      case kind::back:
        at = back(at, x);
        if (at == npos)
          return npos;
        break;
      case kind::frontier:
        if (!frontier(at, x))
          return npos;
        break;
      default:
        if (x.how == times::few)
          return creep(at, next);
        if (!fits(at, x)) {
          if (x.how == times::one || x.how == times::some)
            return npos;
          break;
        }
        if (x.how == times::many || x.how == times::some)
          return expand(at, next);
        if (x.how == times::maybe) {
          auto end = follow(at + 1, next + 1);
          if (end != npos)
            return end;
        } else {
          ++at;
        }
        break;
    }
  }
  return at;
}

std::size_t
matcher::open(std::size_t at, std::size_t next, capture_state state) {
  if (level_ >= most_captures)
    give_up(errc::syntax, "too many captures");
  captures_[level_++] = {at, 0, state};
  auto end = follow(at, next + 1);
  if (end == npos)
    --level_;
  return end;
}

std::size_t matcher::close(std::size_t at, std::size_t next) {
  auto i = level_;
  while (i > 0 && captures_[i - 1].state != capture_state::open)
    --i;
  if (i == 0)
    give_up(errc::syntax, "invalid pattern capture");
  auto& x = captures_[i - 1];
  x.length = at - x.begin;
  x.state = capture_state::closed;
  auto end = follow(at, next + 1);
  if (end == npos)
    x.state = capture_state::open;
  return end;
}

/// As many as possible, then fewer.
std::size_t matcher::expand(std::size_t at, std::size_t next) {
  auto& x = pattern_.items_[next];
  std::size_t most = 0;
  while (fits(at + most, x)) {
    step();
    ++most;
  }
  std::size_t least = x.how == pattern::times::some ? 1 : 0;
  for (auto n = most + 1; n-- > least;) {
    auto end = follow(at + n, next + 1);
    if (end != npos)
      return end;
    step();
  }
  return npos;
}

/// As few as possible, then more.
std::size_t matcher::creep(std::size_t at, std::size_t next) {
  auto& x = pattern_.items_[next];
  for (;; ++at) {
    auto end = follow(at, next + 1);
    if (end != npos)
      return end;
    if (!fits(at, x))
      return npos;
    step();
  }
}

std::size_t matcher::balance(std::size_t at, const item& x) {
  if (at >= subject_.size() || byte_at(subject_, at) != x.a)
    return npos;
  std::size_t open = 1;
  while (++at < subject_.size()) {
    step();
    auto c = byte_at(subject_, at);
    if (c == x.b) {
      if (--open == 0)
        return at + 1;
    } else if (c == x.a) {
      ++open;
    }
  }
  return npos;
}

std::size_t matcher::back(std::size_t at, const item& x) {
  auto i = static_cast<std::size_t>(x.a - '1'); // %0 becomes a huge number
  if (i >= level_ || captures_[i].state == capture_state::open)
    give_up(errc::syntax,
            "invalid capture index %" + std::string(1, static_cast<char>(x.a)));
  auto& seen = captures_[i];
  step(seen.length / bytes_per_step);
  if (seen.state == capture_state::position
      || subject_.size() - at < seen.length)
    return npos;
  if (std::memcmp(subject_.data() + seen.begin, subject_.data() + at,
                  seen.length)
      != 0)
    return npos;
  return at + seen.length;
}

bool matcher::frontier(std::size_t at, const item& x) const {
  auto& set = pattern_.sets_[x.index];
  auto before = at == 0 ? 0 : byte_at(subject_, at - 1);
  return !set[before] && set[byte_at(subject_, at)];
}

bool matcher::fits(std::size_t at, const item& x) const {
  if (at >= subject_.size())
    return false;
  auto c = byte_at(subject_, at);
  switch (x.what) {
    case pattern::kind::literal: return c == x.a;
    case pattern::kind::any: return true;
    default: return pattern_.sets_[x.index][c];
  }
}

} // namespace saker::lua
