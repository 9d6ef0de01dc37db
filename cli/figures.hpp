#pragma once

#include "base/figures.hpp"

#include <chrono>
#include <string>

namespace saker::cli {

/// How long something has lasted, in eight columns as far as possible:
/// `00:04:12`, `3d 02:11`, `412d 02h`. Negative counts as none.
std::string age(std::chrono::milliseconds x);

} // namespace saker::cli
