#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saker::cli {

/// `x` as it may be printed: UTF-8 stays, everything that a terminal would
/// obey or cannot show becomes `\n`, `\x1b`… A text of a child must not colour
/// the screen, and must not turn the direction of writing either.
std::string shown(std::string_view x);

/// Columns that a terminal needs for the UTF-8 text `x`: two for most East
/// Asian characters, none for combining ones.
std::size_t display_width(std::string_view x) noexcept;

/// `x` in at most `width` columns; what does not fit is cut, and ends in "…",
/// or, with `ascii`, in "..." as far as there is room.
std::string cut(std::string_view x, std::size_t width, bool ascii = false);

/// `x` with line breaks at blanks, so that lines have at most `width` columns
/// as far as their words allow. Line breaks of `x` stay.
std::string wrapped(std::string_view x, std::size_t width);

} // namespace saker::cli
