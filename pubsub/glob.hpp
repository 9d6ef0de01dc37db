#pragma once

#include <cstddef>
#include <string_view>

namespace saker::pubsub {

/// True if the whole of `text` matches the glob `pattern`, byte for byte as
/// in Redis 7.0: `*`, `?`, `[abc]`, `[a-z]`, `[^x]`, `\` before a literal; its
/// quirks too (`*` does not match "", an open `[` is closed by the end).
///
/// Never recursive. The work is at most the product of both lengths, and
/// bounded: what is not decided after some 65 000 steps (more for long texts)
/// does not match.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

/// True if some text that begins with `prefix` may match `pattern`. Errs only
/// towards true.
bool glob_may_begin_with(std::string_view pattern,
                         std::string_view prefix) noexcept;

/// What every match of a pattern contains: the literal bytes that it begins
/// and ends with, and the longest literal in between. Views into the pattern:
/// an escaped byte belongs to none of them. Middle and tail are empty if the
/// pattern is literal as a whole.
struct glob_frame {
  std::string_view head;
  std::string_view middle;
  std::string_view tail;
};

glob_frame frame_of(std::string_view pattern) noexcept;

} // namespace saker::pubsub
