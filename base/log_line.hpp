#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saker {

/// `x` as a line of a log, which people read on a terminal: CR and LF are
/// blanks, other control bytes (C0, DEL, and C1 in UTF-8) are `\xNN`, the rest
/// stays; cut after `limit` bytes with "…".
std::string log_line(std::string_view x, std::size_t limit = 16 * 1024);

/// `x` as a line for any terminal: ascii_line, but "…" is "...".
std::string ascii_text(std::string_view x);

} // namespace saker
