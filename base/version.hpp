#pragma once

#include <string_view>

namespace saker {

/// The version of Saker, the same as in CMakeLists.txt (a test compares).
inline constexpr std::string_view version = "0.1.0";

} // namespace saker
