#include "actors/history_store.hpp"

#include "actors/sqlite.hpp"

#include <algorithm>

namespace saker {

using namespace sqlite;

namespace {

/// Ends with SQLITE_DONE, or with what is wrong.
int read_rows(const statement& rows, std::vector<past_event>& into) {
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows.get())) == SQLITE_ROW)
    into.push_back({{number(rows, 0), number(rows, 1)},
                    text(rows, 2),
                    text(rows, 3),
                    text(rows, 4)});
  return code;
}

/// `key IN ('', ?3, …)`: those of the node, and these.
std::string key_is_one_of(std::size_t count, std::size_t first) {
  std::string sql = "key IN (''";
  for (std::size_t i = 0; i < count; ++i)
    sql += ", ?" + std::to_string(i + first);
  return sql + ") ";
}

void put_keys(const statement& to, const std::vector<std::string>& keys,
              std::size_t first) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    put_text(to, static_cast<int>(i + first), keys[i]);
}

} // namespace

result<void> history_store::store(const std::vector<past_event>& all) {
  // Without waiting for the disk: with WAL that is still safe against the death
  // of this process, and there may be very many of these.
  run(db_, "PRAGMA synchronous = NORMAL");
  auto stored = run(db_, "BEGIN IMMEDIATE");
  {
    auto sql = "INSERT OR IGNORE INTO " + table_
               + " (ms, seq, key, name, payload) VALUES (?1, ?2, ?3, ?4, ?5)";
    auto put = prepare(db_, sql.c_str());
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
  auto sql = select() + "WHERE " + key_is_one_of(keys.size(), 2)
             + "ORDER BY ms DESC, seq DESC LIMIT ?1";
  auto rows = prepare(db_, sql.c_str());
  put_number(rows, 1, count);
  put_keys(rows, keys, 2);
  std::vector<past_event> found;
  if (read_rows(rows, found) != SQLITE_DONE)
    return error("read events");
  std::reverse(found.begin(), found.end());
  return found;
}

result<std::vector<past_event>>
history_store::newest(const std::string& key, std::uint32_t count) {
  auto sql = select() + (key.empty() ? "" : "WHERE key = ?2 ")
             + "ORDER BY rowid DESC LIMIT ?1";
  auto rows = prepare(db_, sql.c_str());
  put_number(rows, 1, count);
  if (!key.empty())
    put_text(rows, 2, key);
  std::vector<past_event> found;
  if (read_rows(rows, found) != SQLITE_DONE)
    return error("read events");
  return found;
}

result<std::vector<past_event>>
history_store::after(const supervision::past_page& asked) {
  auto sql = select() + "WHERE (ms, seq) > (?2, ?3) ";
  if (!asked.all)
    sql += "AND " + key_is_one_of(asked.keys.size(), 4);
  sql += "ORDER BY ms, seq LIMIT ?1";
  auto rows = prepare(db_, sql.c_str());
  put_number(rows, 1, asked.count);
  put_number(rows, 2, asked.after.ms);
  put_number(rows, 3, asked.after.seq);
  if (!asked.all)
    put_keys(rows, asked.keys, 4);
  std::vector<past_event> found;
  if (read_rows(rows, found) != SQLITE_DONE)
    return error("read events");
  return found;
}

result<void> history_store::prune(const history_limit& keep) {
  auto old = remove("WHERE ms < ?1 ORDER BY ms, seq LIMIT ?2", keep.oldest,
                    most_removed);
  if (!old)
    return old;
  auto row = prepare(db_, ("SELECT count(*) FROM " + table_).c_str());
  if (sqlite3_step(row.get()) != SQLITE_ROW)
    return error("count events");
  auto have = number(row, 0);
  row.reset();
  if (have <= keep.events)
    return {};
  return remove("ORDER BY ms, seq LIMIT min(?1, ?2)", have - keep.events,
                most_removed);
}

result<void> history_store::remove(const std::string& which, std::uint64_t x,
                                   std::uint64_t most) {
  auto sql = "DELETE FROM " + table_ + " WHERE rowid IN (SELECT rowid FROM "
             + table_ + ' ' + which + ')';
  auto drop = prepare(db_, sql.c_str());
  put_number(drop, 1, x);
  put_number(drop, 2, most);
  if (sqlite3_step(drop.get()) != SQLITE_DONE)
    return error("remove old events");
  return {};
}

std::string history_store::select() const {
  return "SELECT ms, seq, key, name, payload FROM " + table_ + ' ';
}

failure history_store::error(std::string_view what) const {
  return fail(errc::io,
              std::string{what} + " in the journal: " + sqlite3_errmsg(db_));
}

} // namespace saker
