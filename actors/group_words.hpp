#pragma once

#include "supervision/service.hpp"

#include <span>
#include <string>
#include <vector>

namespace saker {

/// What SVGSTART and its like mean: `front` becomes the mask `%front`. A form
/// at the end (JSON, TEXT) stays what it is.
inline std::vector<std::string> as_groups(std::span<const std::string> words) {
  std::vector<std::string> masks;
  for (auto& x : words)
    masks.push_back(
      x.starts_with('%') || supervision::is_command_word(x) ? x : '%' + x);
  return masks;
}

} // namespace saker
