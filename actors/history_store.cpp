#include "actors/history_store.hpp"

#include "actors/sqlite.hpp"

#include <algorithm>

namespace saker {

using namespace sqlite;

result<void> history_store::store(const std::vector<past_event>& all) {
  // Without waiting for the disk: with WAL that is still safe against the death
  // of this process, and there may be very many of these.
  run(db_, "PRAGMA synchronous = NORMAL");
  auto stored = run(db_, "BEGIN IMMEDIATE");
  {
    auto put = prepare(db_, "INSERT OR IGNORE INTO event (ms, seq, key, name, "
                            "payload) VALUES (?1, ?2, ?3, ?4, ?5)");
    for (auto& x : all) {
      if (!stored)
        break;
      put_number(put, 1, x.id.ms);
      put_number(put, 2, x.id.seq);
      put_text(put, 3, x.key);
      put_text(put, 4, x.name);
      put_text(put, 5, x.payload);
      stored = sqlite3_step(put.get()) == SQLITE_DONE;
      sqlite3_reset(put.get());
    }
  }
  stored = stored && run(db_, "COMMIT");
  auto why = stored ? failure{} : error("store events");
  if (sqlite3_get_autocommit(db_) == 0)
    run(db_, "ROLLBACK");
  run(db_, "PRAGMA synchronous = FULL");
  if (!stored)
    return why;
  return {};
}

result<std::vector<past_event>>
history_store::last(const std::vector<std::string>& keys, std::uint32_t count) {
  std::string sql = "SELECT ms, seq, key, name, payload FROM event WHERE key "
                    "IN (''";
  for (std::size_t i = 0; i < keys.size(); ++i)
    sql += ", ?" + std::to_string(i + 2);
  sql += ") ORDER BY ms DESC, seq DESC LIMIT ?1";
  auto rows = prepare(db_, sql.c_str());
  put_number(rows, 1, count);
  for (std::size_t i = 0; i < keys.size(); ++i)
    put_text(rows, static_cast<int>(i + 2), keys[i]);
  std::vector<past_event> found;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows.get())) == SQLITE_ROW)
    found.push_back({{number(rows, 0), number(rows, 1)},
                     text(rows, 2),
                     text(rows, 3),
                     text(rows, 4)});
  if (code != SQLITE_DONE)
    return error("read events");
  std::reverse(found.begin(), found.end());
  return found;
}

result<void> history_store::prune(const history_limit& keep) {
  auto old = remove("DELETE FROM event WHERE rowid IN (SELECT rowid FROM event "
                    "WHERE ms < ?1 ORDER BY ms, seq LIMIT ?2)",
                    keep.oldest, most_removed);
  if (!old)
    return old;
  auto row = prepare(db_, "SELECT count(*) FROM event");
  if (sqlite3_step(row.get()) != SQLITE_ROW)
    return error("count events");
  auto have = number(row, 0);
  row.reset();
  if (have <= keep.events)
    return {};
  return remove("DELETE FROM event WHERE rowid IN (SELECT rowid FROM event "
                "ORDER BY ms, seq LIMIT min(?1, ?2))",
                have - keep.events, most_removed);
}

result<void>
history_store::remove(const char* sql, std::uint64_t x, std::uint64_t most) {
  auto drop = prepare(db_, sql);
  put_number(drop, 1, x);
  put_number(drop, 2, most);
  if (sqlite3_step(drop.get()) != SQLITE_DONE)
    return error("remove old events");
  return {};
}

failure history_store::error(std::string_view what) const {
  return fail(errc::io,
              std::string{what} + " in the journal: " + sqlite3_errmsg(db_));
}

} // namespace saker
