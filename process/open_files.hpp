#pragma once

#include "process/log_file.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace saker::process {

/// Keeps a descriptor only for the log files that were written last: with
/// thousands of children most files rest, and opening one again costs less
/// than holding it.
class open_files {
public:
  explicit open_files(std::size_t most) : most_(most) {
    // nop
  }

  /// `file` was opened or written just now. Closes the one that was not for
  /// the longest time, if there are too many.
  void used(const std::shared_ptr<log_file>& file);

private:
  std::size_t most_;
  std::vector<std::weak_ptr<log_file>> files_; ///< the last one is the newest
};

} // namespace saker::process
