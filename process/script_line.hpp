#pragma once

#include <string>
#include <string_view>

namespace saker::process {

/// The first line of a script, as Linux takes it apart.
struct script_line {
  std::string interpreter; ///< empty: it is no script, or names none
  std::string argument;    ///< all that follows; may be empty
};

/// `text`: how the file begins. A CR is part of a name.
script_line parse_script_line(std::string_view text);

/// As many bytes of the file at `path` as Linux reads to see what it is; empty
/// if it cannot be read. Blocks: file system.
std::string first_bytes_of(const std::string& path);

} // namespace saker::process
