#pragma once

#include <cerrno>
#include <memory>

#include <dirent.h>

namespace saker::process {

/// Calls again while a signal interrupts it.
template <class Call>
auto retry(Call call) {
  auto n = call();
  while (n < 0 && errno == EINTR)
    n = call();
  return n;
}

struct directory_closer {
  void operator()(DIR* dir) const noexcept {
    ::closedir(dir);
  }
};

using directory_handle = std::unique_ptr<DIR, directory_closer>;

} // namespace saker::process
