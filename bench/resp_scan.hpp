#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace saker::bench {

/// One reply or push of a server, as far as the load program wants to know.
struct frame {
  char type = 0;         ///< the first byte: `+ - : $ * > %` and so on
  long long number = 0;  ///< of the first line: value, length or count
  std::string_view line; ///< the first line without type and CRLF
  std::vector<std::string_view> items; ///< texts and numbers inside, flat
};

/// Reads the frame that `data` starts with into `x`, whose views point into
/// `data`. Returns its size; 0: not whole yet; npos: no RESP.
std::size_t scan(std::string_view data, frame& x);

} // namespace saker::bench
