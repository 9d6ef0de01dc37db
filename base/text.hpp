#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// ASCII only, whatever the locale says.
std::string to_lower(std::string_view x);
std::string to_upper(std::string_view x);
bool equal_ignoring_case(std::string_view x, std::string_view y) noexcept;

/// `x` with control bytes, quotes and non-ASCII bytes as `\xNN`, `\n`…, cut
/// after `limit` bytes with "…"; safe to print on a terminal or in a log line.
std::string printable(std::string_view x, std::size_t limit = 256);

/// A line of any bytes as any terminal may show it: ASCII and tabs stay as they
/// are, all other bytes become `\xNN`.
std::string ascii_line(std::string_view x);

/// `x` with CR and LF as blanks: what may stand in a one-line RESP error.
std::string one_line(std::string_view x);

/// The pieces between the separators; empty pieces are kept.
std::vector<std::string_view> split(std::string_view x, char separator);

/// Without blanks, tabs, CR and LF at both ends.
std::string_view trim(std::string_view x) noexcept;

/// The whole of `x` as a decimal number, or nothing.
std::optional<long long> parse_integer(std::string_view x) noexcept;

/// Those of `known` that `word` may have been meant to be, nearest first: at
/// most three, within a third of the length (Damerau–Levenshtein distance).
std::vector<std::string>
near_matches(std::string_view word, const std::vector<std::string>& known);

/// ` (did you mean "x"?)`, ` (did you mean "x" or "y"?)` or nothing.
std::string
did_you_mean(std::string_view word, const std::vector<std::string>& known);

} // namespace saker
