#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <sys/types.h>

namespace saker::process {

/// When a log file gives way to a new one, and how many old ones stay.
struct rotation {
  std::uint64_t size = 10'000'000; ///< bytes per file; 0: never rotate
  std::uint32_t keep = 5;          ///< old files: `name.log.1` is the newest

  bool operator==(const rotation&) const = default;
};

/// A log file that one writer alone fills at its end. It is opened without
/// O_APPEND, because splice(2) refuses that; so nobody else may write to it.
///
/// One thread. Opened by `open()`, not by the constructor: a directory that is
/// missing today may be there tomorrow.
class log_file {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How often it is asked whether the name still leads to this file.
  static constexpr auto look_every = std::chrono::seconds{1};

  /// `path` is absolute.
  log_file(std::string path, rotation limits);

  /// Makes it ready to be written at its end: creates it (0640) and missing
  /// parents (0755), opens it again when it was removed or, noticed within a
  /// second, renamed away by others; goes to the new end when it was truncated.
  /// Cheap when nothing changed.
  ///
  /// Fails: `errc::refused` for a link, a directory, a device; `errc::io`.
  result<void> open(time_point now);

  void close() noexcept;

  /// Bytes in the file, all of them before the place of the next write.
  std::uint64_t size() const noexcept {
    return size_;
  }

  /// Bytes until rotation is due; 0 when it is.
  std::uint64_t room() const noexcept;

  /// Bytes until rotation must not wait any longer for the end of a line: an
  /// eighth more than the limit, at most 64 KiB more.
  std::uint64_t last_room() const noexcept;

  /// Whether the next byte begins a line.
  bool at_line_start() const;

  /// Moves up to `most` bytes out of a pipe by splice, so that a kill never
  /// falls between reading and writing. Returns how many, 0 at the end of the
  /// pipe (empty, and no writer left), or a negative errno: -EAGAIN for a pipe
  /// that is empty, others for a file that takes nothing.
  ssize_t take(int pipe, std::size_t most);

  /// Writes all of `text` or, when it fails, nothing of it.
  result<void> append(std::string_view text);

  /// Makes the file `name.log.1`, that one `name.log.2` and so on, and begins a
  /// new one. When it fails, writing goes on in the old file and rotation is
  /// due again after as many bytes as a file may have.
  result<void> rotate();

  /// Empties the file and removes the old ones.
  result<void> clear();

  void limit(rotation limits) noexcept;

  const std::string& path() const noexcept {
    return path_;
  }

private:
  bool renamed(const struct stat& ours, time_point now);
  result<void> open_at_end();
  result<void> shift();
  result<void> start_over();
  void prune(std::uint64_t from) const;
  std::string old(std::uint64_t number) const;

  std::string path_;
  rotation limits_;
  unique_fd fd_;
  std::uint64_t size_ = 0;
  std::uint64_t due_ = 0; ///< rotation is due at this size
  time_point looked_{};   ///< when its name was looked up
};

/// The last lines of a log file, with those of the file before it where it
/// alone has too few: at most `lines` lines and `bytes` bytes, as they are,
/// zeros and all. Reads from the end, never more than that. A line that is
/// longer loses its beginning.
///
/// Fails: `errc::not_found`, `errc::refused` for what is no regular file,
/// `errc::io`.
result<std::string>
tail(const std::string& path, std::size_t lines, std::size_t bytes);

} // namespace saker::process
