#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <chrono>
#include <filesystem>

namespace saker::process {

/// Lets a thread sleep until files in a folder change. The kernel tells it, so
/// nobody has to look at them again and again.
class folder_watch {
public:
  enum class news {
    changed, ///< a file was written to its end, came, went or got other rights
    lost,    ///< at that path is another folder now, or none: make a new one
  };

  /// The one of `dir`; where there is no such folder that of the one it would be
  /// in, which is lost with its first change.
  static result<folder_watch> make_for(const std::filesystem::path& dir);

  /// Fails: errc::unsupported where the kernel does not see all changes (links on
  /// the way may lead elsewhere later, other machines write) or takes no more
  /// watches; errc::io. May wait for a disk.
  static result<folder_watch> make(const std::filesystem::path& dir);

  /// Waits until something has changed, and then nothing for that long.
  news wait(std::chrono::milliseconds quiet) const;

private:
  explicit folder_watch(unique_fd fd) noexcept : fd_(std::move(fd)) {
    // nop
  }

  unique_fd fd_;           ///< of inotify
  bool stands_in_ = false; ///< … of the folder around the one that is meant
};

} // namespace saker::process
