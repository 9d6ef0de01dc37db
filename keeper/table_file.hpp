#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "keeper/table.hpp"

#include <string>
#include <vector>

namespace saker::keeper {

/// The image of the table in the runtime directory: records of fixed size,
/// written in place, never synced (a reboot makes them void anyway).
class table_file {
public:
  /// What was found, and what was wrong with it.
  struct content {
    std::vector<entry> rows;
    std::uint64_t last_spawn_id = 0;
    std::vector<std::string> complaints; ///< for the log
  };

  /// Opens or makes the file, 0600. A file that is not ours alone, or from
  /// another boot, counts as empty. Fails: `errc::io`, `errc::refused`.
  static result<table_file> open(std::string path);

  /// Reads everything and clears the slots that make no sense.
  result<content> load();

  /// Writes what changed.
  result<void> save(const table& from, const table::changes& what);

private:
  table_file(std::string path, unique_fd fd)
    : path_(std::move(path)), fd_(std::move(fd)) {
    // nop
  }

  result<void> write_slot(std::uint32_t slot, const char* bytes);
  result<void> start_over(std::uint64_t last_spawn_id);

  std::string path_;
  unique_fd fd_;
};

} // namespace saker::keeper
