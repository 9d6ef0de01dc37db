#pragma once

#include "process/output_lines.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace saker::process {

/// Makes lines for a log of what a command puts out: each begins with the
/// mark, `[before] `, and ends with a newline. Of a command that writes more
/// than `most` the rest is left out, and the last line says so.
class marked_lines {
public:
  static constexpr std::size_t most = std::size_t{1} << 20; ///< marks included

  explicit marked_lines(std::string_view mark);

  /// The lines that end in `bytes`.
  std::string feed(std::string_view bytes);

  /// The command ended: what is left, a line without its end.
  std::string finish();

private:
  void add(std::string& to, std::string_view line);

  std::string mark_;
  output_lines lines_;
  std::size_t used_ = 0;
  bool cut_ = false;
};

} // namespace saker::process
