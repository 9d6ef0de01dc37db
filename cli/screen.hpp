#pragma once

#include "cli/table.hpp"

#include <cstddef>
#include <string>

namespace saker::cli {

/// What standard output is connected to.
struct screen {
  bool terminal = false; ///< else a pipe or a file
  bool colour = false;
  std::size_t width = 80; ///< of a terminal
  std::size_t height = 24;
  bool utf8 = true; ///< else ASCII only

  /// What fits on it: a pipe has no limit, and programs read "-" there.
  canvas paper() const {
    return {terminal ? std::optional<std::size_t>{width} : std::nullopt, colour,
            false, !utf8, terminal && utf8};
  }
};

/// May a terminal of type `term` be given colours? `no_color`: the variable
/// NO_COLOR; anything but an empty one forbids them.
bool colours_wanted(std::string_view term, std::string_view no_color);

/// Does a locale speak UTF-8? The first of these variables that is not empty
/// counts: LC_ALL, LC_CTYPE, LANG.
bool speaks_utf8(std::string_view lc_all, std::string_view lc_ctype,
                 std::string_view lang);

/// Looks at descriptor `fd` and the environment.
screen screen_of(int fd);

} // namespace saker::cli
