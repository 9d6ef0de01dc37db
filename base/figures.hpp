#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace saker {

/// Bytes in at most five columns: `0`, `512`, `98M`, `1.5G`. Units are powers
/// of 1024.
std::string size_figure(std::uint64_t bytes);

/// A share of one processor: `0%`, `0.4%`, `7%`, `187%`.
std::string percent_figure(double percent);

/// How long something has lasted, in eight columns as far as possible:
/// `00:04:12`, `3d 02:11`, `412d 02h`. Negative counts as none.
std::string age_figure(std::chrono::milliseconds x);

} // namespace saker
