#include "base/errc.hpp"

#include <array>

namespace saker {

std::string_view to_string(errc x) noexcept {
  static constexpr std::array<std::string_view, 21> names = {
    "none",
    "invalid argument",
    "syntax error",
    "not found",
    "already exists",
    "not permitted",
    "input/output error",
    "timeout",
    "busy",
    "out of memory",
    "closed",
    "limit exceeded",
    "not available",
    "loading",
    "script error",
    "spawn failed",
    "pidfile locked",
    "no such service",
    "no such node",
    "refused",
    "corrupt",
  };
  static_assert(names.size() == static_cast<std::size_t>(errc::corrupt) + 1);
  auto index = static_cast<std::size_t>(x);
  return index < names.size() ? names[index] : "unknown error";
}

} // namespace saker
