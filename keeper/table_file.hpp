#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "keeper/table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::keeper {

/// The image of the table in the runtime directory: records of fixed size,
/// written in place, never synced (a reboot makes them void anyway). It lies
/// there while a keeper runs, and after one that did not end by itself: then
/// children may live. A keeper that leaves none takes the name away, so that
/// what is left are notes.
class table_file {
public:
  /// What was found, and what was wrong with it.
  struct content {
    std::vector<entry> rows;
    std::uint64_t last_spawn_id = 0;
    std::vector<std::string> complaints; ///< for the log

    /// The table of this boot, and nothing is missing from it.
    bool whole = true;
  };

  /// Opens or makes `keeper.table` in that directory, 0600. Fails: `errc::io`,
  /// `errc::refused` for a file that is not ours alone.
  static result<table_file> open(const std::string& folder);

  /// Reads everything and clears the slots that make no sense. What is from
  /// another boot is left out.
  result<content> load();

  /// Writes what changed; everything, if the file was taken away.
  result<void> save(const table& from, const table::changes& what);

  /// No child lives: the next start need not look for any.
  void set_aside() const;

private:
  table_file(std::string folder, unique_fd fd);

  std::string_view read_slot(std::uint32_t slot, std::span<char> into) const;
  void load_slot(std::uint32_t slot, std::string_view bytes, content& out);
  result<void> write_slot(std::uint32_t slot, const char* bytes);
  result<void> write_row(const table& from, std::uint32_t slot);
  result<void> write_header(std::uint64_t last_spawn_id);
  result<void> write_all(const table& from);
  bool taken_away() const noexcept;

  std::string folder_;
  std::string path_;
  unique_fd fd_;
};

} // namespace saker::keeper
