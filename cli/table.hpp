#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cli {

/// How a text looks on a terminal that shows colours.
enum class look { plain, heading, good, busy, bad, faint };

/// `text` between the escapes of `how`; as it is without colour.
std::string painted(std::string_view text, look how, bool colour);

struct column {
  std::string title;
  /// Where space is missing the column with the lowest rank goes first; those
  /// without a rank stay.
  std::optional<int> rank;
  /// Its cells may be cut to this many display columns; 0: never.
  std::size_t least = 0;
};

struct cell {
  std::string text; ///< without anything that a terminal obeys
  look how = look::plain;
};

struct table {
  std::vector<column> columns;
  std::vector<std::vector<cell>> rows; ///< as many cells as there are columns
};

/// What a table is laid out for.
struct canvas {
  std::optional<std::size_t> width; ///< nothing: no limit, nothing is cut
  bool colour = false;
  /// What is drawn in place must not wrap: paths are cut too.
  bool strict = false;
  bool ascii = false; ///< it shows nothing else
  bool signs = false; ///< "–" and "└" look good there
};

/// A line for the titles and one for each row. Narrow canvas: columns are
/// dropped by rank until the rest fits when cut as far as allowed, then the
/// widest of those that may be cut give way. What still does not fit is cut
/// at the right edge.
std::vector<std::string> lay_out(const table& x, const canvas& on);

} // namespace saker::cli
