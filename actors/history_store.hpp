#pragma once

#include "base/result.hpp"
#include "supervision/past_event.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3;

namespace saker {

using supervision::past_event;

/// How many events are kept, and from when.
struct history_limit {
  std::uint64_t events = 100'000;
  std::uint64_t oldest = 0; ///< Unix time in milliseconds
};

/// One kind of events in the journal. What is stored survives the death of this
/// process at once; that of the machine when the disk has had some seconds.
class history_store {
public:
  /// Rows that one call removes at most: it must not take long.
  static constexpr std::uint64_t most_removed = 10'000;

  /// `db` has this table, which journal_store makes, and lives longer.
  history_store(sqlite3* db, std::string table)
    : db_(db), table_(std::move(table)) {
    // nop
  }

  /// Stores all of them or none. One whose id is there already is left out.
  result<void> store(const std::vector<past_event>& all);

  /// The last `count` of these keys and of the node, oldest first.
  result<std::vector<past_event>>
  last(const std::vector<std::string>& keys, std::uint32_t count);

  /// The last `count`, of one key or of all if that is empty, newest first.
  result<std::vector<past_event>>
  newest(const std::string& key, std::uint32_t count);

  /// The first ones behind a number, oldest first.
  result<std::vector<past_event>> after(const supervision::past_page& asked);

  /// Removes what is too much or too old, or the oldest part of it.
  result<void> prune(const history_limit& keep);

private:
  result<void>
  remove(const std::string& which, std::uint64_t x, std::uint64_t most);
  std::string select() const;
  failure error(std::string_view what) const;

  sqlite3* db_;
  std::string table_;
};

} // namespace saker
