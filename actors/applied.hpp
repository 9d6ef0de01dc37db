#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// The text of one file that was read once and counts from then on.
struct source {
  std::string path; ///< as shown in messages
  std::string text;

  /// The files that it has had read (env_file), by path. Nothing: it comes from
  /// the directory, and these are to be read where they lie.
  std::optional<std::map<std::string, std::string>> reads = {};

  bool operator==(const source&) const = default;
};

/// The one of this path; null if there is none.
const source*
find_source(const std::vector<source>& among, const std::string& path);

/// The sources in force, kept in `<state-dir>/applied/`. A node that was
/// restarted uses these and does not look at the files that people edit, so a
/// half-finished edit never restarts a child by accident.
class applied {
public:
  /// `name` tells sets apart: `services`, `settings`.
  applied(const std::filesystem::path& state_dir, const std::string& name);

  /// What was stored last; nothing if nothing ever was. Fails: `corrupt`, with
  /// the file that does not check out.
  result<std::vector<source>> read() const;

  /// Stores all of it or, after a crash in between, keeps what was before.
  result<void> write(const std::vector<source>& what) const;

  /// The same for what only has to outlive this process, not the machine.
  result<void> write_until_reboot(const std::vector<source>& what) const;

  /// Where it is stored.
  const std::filesystem::path& file() const noexcept {
    return file_;
  }

private:
  /// The text of the file, whose directory is there afterwards.
  result<std::string> text_of(const std::vector<source>& what) const;

  std::filesystem::path file_;
};

/// Writes a file of that text, mode 0600, or leaves what was there.
result<void>
replace_file(const std::filesystem::path& path, std::string_view text);

/// The same for what only has to outlive this process, not the machine.
result<void>
replace_until_reboot(const std::filesystem::path& path, std::string_view text);

/// Puts a file that lies in the same directory in the place of `path`, once all
/// of it is on the disk.
result<void> place_file(const std::filesystem::path& draft,
                        const std::filesystem::path& path);

/// Adds to such a file, or leaves what was there. Fails: `refused` if it is not
/// one of `size` bytes.
result<void> append_to_file(const std::filesystem::path& path,
                            std::string_view text, std::size_t size);

/// Removes a file for ever, if it is there.
result<void> remove_file(const std::filesystem::path& path);

/// The text of a file of at most 1 MB. Never waits for a FIFO. Fails:
/// `not_found`, `refused` (no regular file), `limit`, `io`.
result<std::string> read_source(const std::filesystem::path& path);

/// The same of one that nobody else can change (config::trusted_path).
/// Fails also: `not_permitted`.
result<std::string> read_trusted(const std::filesystem::path& path);

/// The files `*.lua` directly in `dir`, sorted by name; none if there is no
/// such directory. A file or directory that others could change is refused
/// (config::trusted_path) and named in `errors`, as is one that cannot be read
/// or is larger than 1 MB; the others are returned.
/// With `inside`, links that lead out of `dir` are refused too.
std::vector<source>
read_sources(const std::filesystem::path& dir, std::vector<std::string>& errors,
             bool inside = false);

} // namespace saker
