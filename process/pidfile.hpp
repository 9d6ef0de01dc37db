#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>

#include <sys/types.h>

namespace saker::process {

/// What a pidfile of a foreign daemon says.
struct pidfile_content {
  pid_t pid = 0;
  uid_t owner = 0;

  /// The text was written, or the file was made so.
  std::chrono::system_clock::time_point written;

  /// File and directories can be written by root and us only. If not, whoever
  /// can write it could point us at any process: see "Adoption" in the docs.
  bool trusted = false;
};

/// Reads the number in the first line. Never follows a link at the end of the
/// path, never blocks on a FIFO, reads at most 4 KiB. Fails:
/// `errc::not_found`, `errc::syntax` (empty, no number), `errc::refused` (no
/// regular file), `errc::io`.
result<pidfile_content> read_pidfile(const std::string& path);

/// Root and we alone can change what `path` names: owner and mode of the file
/// and of every directory above it; sticky directories count as safe.
///
/// With `also` that user may be the owner, too: then what the file says may be
/// believed about his own processes only.
bool trusted_path(const std::string& path, std::optional<uid_t> also = {});

/// Who holds a lock on the file; nothing when nobody does. A lock of our own
/// does not show. Fails: `errc::not_found`, `errc::io`.
result<std::optional<pid_t>> lock_holder(const std::string& path);

/// "Only one of us": a file that is locked while this object lives, with our
/// pid, since when, and in which boot. The lock is lost when this process opens and closes the
/// same file again; it survives execve in place only via `release`.
class instance_lock {
public:
  /// Fails: `errc::pidfile_locked`, naming pid and time of the holder;
  /// `errc::refused` for a link or no regular file; `errc::io`.
  static result<instance_lock>
  acquire(const std::string& path, std::chrono::system_clock::time_point now);

  /// Takes over the locked descriptor that a predecessor of the same pid left.
  static instance_lock adopt(unique_fd fd);

  int fd() const noexcept {
    return fd_.get();
  }

  /// In which boot the one before held it; empty: there was none, or it did
  /// not say.
  const std::string& boot_before() const noexcept {
    return boot_before_;
  }

  /// Gives the descriptor away; it stays locked until closed.
  [[nodiscard]] unique_fd release() noexcept {
    return std::move(fd_);
  }

private:
  explicit instance_lock(unique_fd fd) noexcept : fd_(std::move(fd)) {
    // nop
  }

  unique_fd fd_;
  std::string boot_before_;
};

/// What open_locked found.
struct locked_file {
  int fd = -1;         ///< CLOEXEC, the caller closes it; -1 after an error
  int error = 0;       ///< 0, or errno
  bool opened = false; ///< it could be opened: an error is about the lock
  pid_t holder = 0;    ///< who holds the lock; 0 or less: not known
};

/// Opens (or makes, 0600) a regular file and locks all of it for writing;
/// writes nothing, follows no link, never waits.
///
/// Whoever may read a file may lock it for reading: such a lock is no claim to
/// be the only one, and must keep nobody from his start. The file is left to
/// its readers, and a new one takes its name.
locked_file open_locked(const char* path) noexcept;

/// Replaces the content by `text` and gives the file its mode; 0 or an errno.
int write_locked(int fd, const char* text, std::size_t size,
                 mode_t mode) noexcept;

} // namespace saker::process
