#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::process {

/// Which file system a path lies in, without touching any: one that hangs
/// would hang whoever asks it.
class mount_table {
public:
  /// `text` is that of /proc/PID/mountinfo; lines of another form are skipped.
  static mount_table parse(std::string_view text);

  /// Reads /proc/self/mountinfo. Fails: `errc::io`.
  static result<mount_table> read();

  /// A number for the file system of the absolute `path`, which need not
  /// exist; 0: unknown. Links in it are not followed.
  std::uint64_t device_of(std::string_view path) const;

  /// Is something mounted just there?
  bool has_point(std::string_view path) const;

private:
  struct mount {
    std::string point;
    std::uint64_t device = 0;
  };

  std::vector<mount> mounts_; ///< in order: a later one lies above
};

} // namespace saker::process
