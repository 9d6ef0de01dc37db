#pragma once

#include "base/result.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace saker::lua {

/// A Lua 5.2 pattern, ready to be matched often. Never fails: a mistake in the
/// text is reported by a match that gets that far, as in Lua.
class pattern {
public:
  /// `anchors`: a leading `^` ties the pattern to the start (not for gmatch).
  explicit pattern(std::string_view text, bool anchors = true);

  bool anchored() const noexcept {
    return anchored_;
  }

private:
  friend class matcher;

  enum class kind : std::uint8_t {
    literal,  ///< the byte `a`
    any,      ///< one byte, whatever it is
    set,      ///< one byte of a set
    open,     ///< (
    position, ///< ()
    close,    ///< )
    balance,  ///< %bab
    frontier, ///< %f[set]
    back,     ///< %1, the digit in `a`
    end,      ///< $ as the last character
    mistake,  ///< from here on the text makes no sense
  };

  enum class times : std::uint8_t { one, maybe, many, some, few };

  struct item {
    kind what = kind::literal;
    times how = times::one;
    unsigned char a = 0;
    unsigned char b = 0;
    std::uint32_t index = 0; ///< of the set, or of the mistake's message
  };

  using byte_set = std::bitset<256>;

  void compile(std::string_view text);
  std::size_t compile_escape(std::string_view text, std::size_t at);
  std::size_t compile_single(std::string_view text, std::size_t at);
  std::size_t compile_set(std::string_view text, std::size_t at, item& out);
  void add_mistake(const char* message);
  void add_set(const byte_set& x, item& out);

  std::vector<item> items_;
  std::vector<byte_set> sets_;
  const char* mistake_ = nullptr;
  bool anchored_ = false;
};

/// What a capture holds: bytes of the subject, or a position in it.
struct capture {
  std::size_t begin = 0;
  std::size_t length = 0;
  bool position = false; ///< then only `begin` counts (zero based)
};

/// Matches one pattern against one subject; both must outlive it.
///
/// Fails: errc::syntax with the message of Lua; errc::limit when the pattern
/// is nested too deep; errc::busy when the steps are used up. A step is a look
/// at one byte or one item of the pattern, some nanoseconds.
class matcher {
public:
  matcher(const pattern& what, std::string_view subject,
          std::uint64_t& steps_left) noexcept
    : pattern_(what), subject_(subject), steps_(steps_left) {
    // nop
  }

  /// Whether the pattern fits exactly at `at` (zero based, <= size).
  result<bool> match_at(std::size_t at);

  /// Whether it fits at `from` or later; only at `from` if it is anchored.
  result<bool> find(std::size_t from);

  /// The range of the last match.
  std::size_t begin() const noexcept {
    return begin_;
  }

  std::size_t end() const noexcept {
    return end_;
  }

  /// How many captures the pattern made; 0 if it has none.
  std::size_t captures() const noexcept {
    return level_;
  }

  /// Capture `i` from 0; without captures number 0 is the whole match.
  result<capture> get(std::size_t i) const;

private:
  static constexpr std::size_t most_captures = 32;
  static constexpr int deepest = 200;
  static constexpr auto npos = static_cast<std::size_t>(-1);

  enum class capture_state : std::uint8_t { open, closed, position };

  struct open_capture {
    std::size_t begin;
    std::size_t length;
    capture_state state;
  };

  using item = pattern::item;

  std::size_t follow(std::size_t at, std::size_t next);
  std::size_t open(std::size_t at, std::size_t next, capture_state state);
  std::size_t close(std::size_t at, std::size_t next);
  std::size_t expand(std::size_t at, std::size_t next);
  std::size_t creep(std::size_t at, std::size_t next);
  std::size_t balance(std::size_t at, const item& x);
  std::size_t back(std::size_t at, const item& x);
  bool frontier(std::size_t at, const item& x) const;
  bool fits(std::size_t at, const item& x) const;
  void step(std::size_t n = 1);

  const pattern& pattern_;
  std::string_view subject_;
  std::uint64_t& steps_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t level_ = 0;
  int depth_ = 0;
  std::array<open_capture, most_captures> captures_;
};

} // namespace saker::lua
