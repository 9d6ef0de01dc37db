#pragma once

#include "base/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::process {

/// What scripts do with files. Everything here may block; the long ones end
/// early, with errc::closed, when `stop` is set.

/// `path` as seen from `dir`, without `.`, `..` and double slashes; what it
/// names need not exist.
std::string absolute_path(std::string_view dir, std::string_view path);

/// What the kernel says of a file.
struct file_info {
  bool directory = false;
  bool regular = false;
  bool link = false; ///< only if links were not followed
  unsigned mode = 0; ///< permission bits
  std::uint64_t size = 0;
  std::int64_t accessed = 0; ///< Unix seconds
  std::int64_t modified = 0;
  std::int64_t changed = 0;
};

/// Fails: errc::not_found, errc::not_permitted, errc::io.
result<file_info> inspect(const std::string& path, bool follow_links);

/// Fails as `inspect` does, and with errc::already_exists.
result<void> make_directory(const std::string& path);
result<void> remove_directory(const std::string& path);

/// Which names are wanted.
using name_filter = std::function<bool(std::string_view)>;

/// More names than this are an error: errc::limit.
inline constexpr std::size_t most_names = 100'000;

/// The names in a directory, sorted, without `.` and `..`.
result<std::vector<std::string>>
list_directory(const std::string& path, const name_filter& wanted,
               const std::atomic<bool>& stop);

/// All that is no directory below `path`, as `path/…`: directory by directory,
/// the nearest first, names sorted. Links are listed, never followed; what
/// vanishes or may not be read on the way is left out. `shown` stands in the
/// results instead of `path`.
result<std::vector<std::string>>
walk_tree(const std::string& path, const std::string& shown,
          const name_filter& wanted, const std::atomic<bool>& stop);

/// Copies a file, a link or a directory with all that is in it. If `to` is a
/// directory, the copy is made in it. Modes are kept; owners and times are
/// not. Files that are there are overwritten, but no link is followed to
/// write.
result<void> copy_tree(const std::string& from, const std::string& to,
                       const std::atomic<bool>& stop);

} // namespace saker::process
