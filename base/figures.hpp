#pragma once

#include <cstdint>
#include <string>

namespace saker {

/// Bytes in at most five columns: `0`, `512`, `98M`, `1.5G`. Units are powers
/// of 1024.
std::string size_figure(std::uint64_t bytes);

/// A share of one processor: `0%`, `0.4%`, `7%`, `187%`.
std::string percent_figure(double percent);

} // namespace saker
