#include "resp/error_word.hpp"

#include <algorithm>
#include <iterator>

namespace saker::resp {

bool has_error_word(std::string_view text) {
  constexpr std::string_view words[] = {"ERR",       "BUSY",    "OOM",
                                        "NOPERM",    "LOADING", "TIMEOUT",
                                        "NOSERVICE", "NONODE"};
  auto first = text.substr(0, text.find(' '));
  return first.size() < text.size()
         && std::find(std::begin(words), std::end(words), first)
              != std::end(words);
}

} // namespace saker::resp
