#pragma once

#include "actors/history_store.hpp"
#include "base/result.hpp"
#include "supervision/sequencer.hpp"
#include "supervision/wanted.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace saker {

using supervision::reservation;
using supervision::setting;
using supervision::wanted;

/// The journal on disk: one SQLite file (WAL, synchronous). Every call is
/// durable when it returns, and may take as long as the disk does: it belongs
/// to the detached JOURNAL alone.
class journal_store {
public:
  /// Opens or makes the file. A file that is no sound database is renamed to
  /// `<file>.corrupt-<n>` and a new one is made; `notice` then says so.
  static result<journal_store>
  open(const std::filesystem::path& file, std::string& notice);

  journal_store(journal_store&&) noexcept = default;
  journal_store& operator=(journal_store&&) noexcept = default;
  ~journal_store();

  /// Stores all of them, or none.
  result<void> want(const std::vector<wanted>& what);

  /// Likewise; a later value of the same name and topic replaces it.
  result<void> set(const std::vector<setting>& what);

  result<std::vector<setting>> all_settings();

  /// Forgets what was wanted of these names, and set.
  result<void> forget(const std::vector<std::string>& names);

  result<std::vector<wanted>> all_wanted();

  /// What is reserved of event ids, as it concerns this `boot` (its id, as the
  /// keeper tells it); zeros if there is nothing.
  result<reservation> reserved(const std::string& boot);

  /// What happened; `want` and its like are durable, this less so.
  history_store& history() noexcept {
    return history_;
  }

  /// Who did what, likewise; the key is the user.
  history_store& audits() noexcept {
    return audits_;
  }

  /// Raises what is reserved. The lines of other boots are forgotten.
  result<void> reserve(const std::string& boot, const reservation& x);

private:
  struct closer {
    void operator()(sqlite3* db) const noexcept;
  };
  using handle = std::unique_ptr<sqlite3, closer>;

  journal_store(handle db, std::filesystem::path file);

  static result<handle>
  try_open(const std::filesystem::path& file, bool& corrupt);
  failure error(std::string_view what) const;
  result<std::uint64_t> counter(const std::string& name);
  bool raise(const std::string& name, std::uint64_t value);
  result<void> run(const char* sql);
  result<void> step(sqlite3_stmt* what, std::string_view doing);
  result<void> commit();

  handle db_;
  std::filesystem::path file_;
  history_store history_; ///< on the same handle
  history_store audits_;  ///< likewise
};

} // namespace saker
