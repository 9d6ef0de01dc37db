#pragma once

#include "base/result.hpp"
#include "base/text.hpp"
#include "supervision/service.hpp"

#include <span>
#include <string>
#include <vector>

namespace saker {

/// What SVGSTART and its like mean: `front` becomes the mask `%front`. A form
/// at the end (JSON, TEXT) stays what it is. Fails: `syntax`, in the words that
/// were typed.
inline result<std::vector<std::string>>
as_groups(std::span<const std::string> words) {
  std::vector<std::string> masks;
  for (auto& x : words) {
    auto group = x.substr(x.starts_with('%') ? 1 : 0);
    if (group.empty() || group.starts_with('@'))
      return fail(errc::syntax,
                  '"' + printable(x, 80) + "\" names no group: "
                    + (x.empty() ? "it is empty" : "the name is missing"));
    masks.push_back(supervision::is_command_word(x) ? x : '%' + group);
  }
  return masks;
}

} // namespace saker
