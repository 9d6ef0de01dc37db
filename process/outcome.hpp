#pragma once

#include <cerrno>

namespace saker::process {

/// 0, or the errno of the system call that returned this.
inline int outcome(long returned) noexcept {
  return returned < 0 ? errno : 0;
}

} // namespace saker::process
