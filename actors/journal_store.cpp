#include "actors/journal_store.hpp"

#include "actors/applied.hpp"
#include "actors/sqlite.hpp"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace saker {

using namespace sqlite;

namespace {

constexpr auto manners = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 2000;
)";

constexpr auto schema = R"(
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS wanted (
    name TEXT PRIMARY KEY,
    up   INTEGER NOT NULL,
    by   TEXT NOT NULL,
    at   INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS setting (
    what       INTEGER NOT NULL,
    name       TEXT NOT NULL,
    value      INTEGER NOT NULL,
    instead_of INTEGER NOT NULL,
    by         TEXT NOT NULL,
    at         INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (what, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS event (
    ms      INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    key     TEXT NOT NULL,
    name    TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (ms, seq)
  );
  CREATE INDEX IF NOT EXISTS event_of ON event (key, ms, seq);
  CREATE TABLE IF NOT EXISTS audit (
    ms      INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    key     TEXT NOT NULL,
    name    TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (ms, seq)
  );
  CREATE INDEX IF NOT EXISTS audit_of ON audit (key);
  PRAGMA user_version = 3;
  COMMIT;
)";

/// In the column `up`, beside 0 and 1.
constexpr int dropped = 2;

const std::string until_name = "event ids";

/// Of a boot; its id follows.
const std::string line_prefix = "line of boot ";

/// 0: there are no tables; 1: those of before there was a history; 2: before it
/// was kept who did what.
constexpr std::uint64_t newest_version = 3;

std::uint64_t version_of(sqlite3* db) {
  auto row = prepare(db, "PRAGMA user_version");
  return row && sqlite3_step(row.get()) == SQLITE_ROW ? number(row, 0) : 0;
}

bool is_corruption(int code) {
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/// Renames a database and what belongs to it out of the way.
std::filesystem::path set_aside(const std::filesystem::path& file) {
  auto target = file;
  for (auto n = 1;; ++n) {
    target = file;
    target += ".corrupt-" + std::to_string(n);
    if (!std::filesystem::exists(target))
      break;
  }
  std::error_code ignored;
  for (auto suffix : {"", "-wal", "-shm"}) {
    auto from = file;
    from += suffix;
    auto to = target;
    to += suffix;
    std::filesystem::rename(from, to, ignored);
  }
  return target;
}

/// A first journal with its tables and nothing in them, beside its place and on
/// the disk as a whole: made there, SQLite would wait for the disk nine times.
/// What fails here fails again where it is told.
void make_first(const std::filesystem::path& file) {
  struct stat there = {};
  // What cannot be looked at may be one.
  if (file == ":memory:" || ::lstat(file.c_str(), &there) == 0
      || errno != ENOENT)
    return;
  auto draft = file;
  draft += ".new";
  // Nor may what belonged to another one be taken for a part of it.
  for (auto& base : {draft, file})
    for (auto* end : {"", "-wal", "-shm", "-journal"})
      ::unlink((base.string() + end).c_str());
  sqlite3* raw = nullptr;
  auto code = sqlite3_open_v2(draft.c_str(), &raw,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                              nullptr);
  if (code == SQLITE_OK) {
    ::chmod(draft.c_str(), 0600);
    sqlite3_exec(raw, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY",
                 nullptr, nullptr, nullptr);
    code = sqlite3_exec(raw, schema, nullptr, nullptr, nullptr);
  }
  if (code == SQLITE_OK)
    code = sqlite3_exec(raw, "PRAGMA journal_mode = WAL", nullptr, nullptr,
                        nullptr);
  if (sqlite3_close(raw) == SQLITE_OK && code == SQLITE_OK
      && place_file(draft, file))
    return;
  ::unlink(draft.c_str());
}

} // namespace

void journal_store::closer::operator()(sqlite3* db) const noexcept {
  sqlite3_close_v2(db);
}

journal_store::journal_store(handle db, std::filesystem::path file)
  : db_(std::move(db)), file_(std::move(file)), history_(db_.get(), "event"),
    audits_(db_.get(), "audit") {
  // nop
}

journal_store::~journal_store() {
  // nop
}

result<journal_store>
journal_store::open(const std::filesystem::path& file, std::string& notice) {
  auto corrupt = false;
  make_first(file);
  auto db = try_open(file, corrupt);
  if (!db && corrupt) {
    auto target = set_aside(file);
    notice = "journal " + file.string() + " was damaged (" + db.error().detail
             + "); it is kept as " + target.string()
             + " and a new one begins: what was wanted of services before is "
               "forgotten";
    db = try_open(file, corrupt);
  }
  if (!db)
    return db.error();
  return journal_store{std::move(*db), file};
}

result<journal_store::handle>
journal_store::try_open(const std::filesystem::path& file, bool& corrupt) {
  sqlite3* raw = nullptr;
  auto code = sqlite3_open_v2(file.c_str(), &raw,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                              nullptr);
  handle db{raw};
  if (code == SQLITE_OK)
    ::chmod(file.c_str(), 0600);
  if (code == SQLITE_OK)
    code = sqlite3_exec(raw, manners, nullptr, nullptr, nullptr);
  // A journal that has its tables is not written when it is opened: on a full
  // disk it can still be read, also one of an older version.
  auto version = code == SQLITE_OK ? version_of(raw) : 0;
  if (code == SQLITE_OK && version < newest_version) {
    auto made = sqlite3_exec(raw, schema, nullptr, nullptr, nullptr);
    if (version == 0 || is_corruption(made))
      code = made;
    if (made != SQLITE_OK)
      sqlite::run(raw, "ROLLBACK");
  }
  if (code == SQLITE_OK) {
    auto check = prepare(raw, "PRAGMA quick_check(1)");
    if (sqlite3_step(check.get()) != SQLITE_ROW || text(check, 0) != "ok")
      code = SQLITE_CORRUPT;
  }
  if (code == SQLITE_OK)
    return db;
  corrupt = is_corruption(code);
  return fail(corrupt ? errc::corrupt : errc::io,
              "open journal " + file.string() + ": " + sqlite3_errstr(code));
}

result<void> journal_store::want(const std::vector<wanted>& what) {
  if (auto ok = run("BEGIN IMMEDIATE"); !ok)
    return ok;
  auto put = prepare(db_.get(), "INSERT INTO wanted VALUES (?1, ?2, ?3, ?4) "
                                "ON CONFLICT (name) DO UPDATE SET "
                                "up = ?2, by = ?3, at = ?4");
  for (auto& x : what) {
    put_text(put, 1, x.name);
    sqlite3_bind_int(put.get(), 2, x.dropped ? dropped : x.up);
    put_text(put, 3, x.by);
    sqlite3_bind_int64(put.get(), 4, x.at);
    if (auto ok = step(put.get(), "store wanted state"); !ok)
      return ok;
  }
  return commit();
}

result<void> journal_store::forget(const std::vector<std::string>& names) {
  if (auto ok = run("BEGIN IMMEDIATE"); !ok)
    return ok;
  for (auto* sql : {"DELETE FROM wanted WHERE name = ?1",
                    "DELETE FROM setting WHERE name = ?1"}) {
    auto drop = prepare(db_.get(), sql);
    for (auto& name : names) {
      put_text(drop, 1, name);
      if (auto ok = step(drop.get(), "forget wanted state"); !ok)
        return ok;
    }
  }
  return commit();
}

result<std::vector<wanted>> journal_store::all_wanted() {
  std::vector<wanted> found;
  auto rows = prepare(db_.get(),
                      "SELECT name, up, by, at FROM wanted ORDER BY name");
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows.get())) == SQLITE_ROW) {
    auto up = sqlite3_column_int(rows.get(), 1);
    found.push_back({text(rows, 0), up == 1, text(rows, 2),
                     sqlite3_column_int64(rows.get(), 3), up == dropped});
  }
  if (code != SQLITE_DONE)
    return error("read wanted state");
  return found;
}

result<void> journal_store::set(const std::vector<setting>& what) {
  if (auto ok = run("BEGIN IMMEDIATE"); !ok)
    return ok;
  auto put = prepare(
    db_.get(), "INSERT INTO setting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
               "ON CONFLICT (what, name) DO UPDATE SET "
               "value = ?3, instead_of = ?4, by = ?5, at = ?6, text = ?7");
  for (auto& x : what) {
    sqlite3_bind_int(put.get(), 1, static_cast<int>(x.what));
    put_text(put, 2, x.name);
    sqlite3_bind_int64(put.get(), 3, x.value);
    sqlite3_bind_int64(put.get(), 4, x.instead_of);
    put_text(put, 5, x.by);
    sqlite3_bind_int64(put.get(), 6, x.at);
    put_text(put, 7, x.text);
    if (auto ok = step(put.get(), "store a setting"); !ok)
      return ok;
  }
  return commit();
}

result<std::vector<setting>> journal_store::all_settings() {
  std::vector<setting> found;
  auto rows = prepare(db_.get(),
                      "SELECT what, name, value, instead_of, by, at, text "
                      "FROM setting ORDER BY what, name");
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows.get())) == SQLITE_ROW)
    found.push_back(
      {static_cast<setting::topic>(sqlite3_column_int(rows.get(), 0)),
       text(rows, 1), sqlite3_column_int64(rows.get(), 2),
       sqlite3_column_int64(rows.get(), 3), text(rows, 4),
       sqlite3_column_int64(rows.get(), 5), text(rows, 6)});
  if (code != SQLITE_DONE)
    return error("read settings");
  return found;
}

result<reservation> journal_store::reserved(const std::string& boot) {
  auto until = counter(until_name);
  auto line = counter(line_prefix + boot);
  if (!until || !line)
    return until ? line.error() : until.error();
  return reservation{*line, *until};
}

result<void>
journal_store::reserve(const std::string& boot, const reservation& x) {
  if (auto ok = run("BEGIN IMMEDIATE"); !ok)
    return ok;
  auto drop = prepare(db_.get(), "DELETE FROM counter WHERE name LIKE ?1 "
                                 "AND name <> ?2");
  auto any = line_prefix + '%';
  auto name = line_prefix + boot;
  put_text(drop, 1, any);
  put_text(drop, 2, name);
  if (sqlite3_step(drop.get()) == SQLITE_DONE && raise(name, x.line)
      && raise(until_name, x.until)) {
    drop.reset();
    return commit();
  }
  auto why = error("reserve event ids");
  drop.reset();
  (void)run("ROLLBACK");
  return why;
}

result<std::uint64_t> journal_store::counter(const std::string& name) {
  auto row = prepare(db_.get(), "SELECT value FROM counter WHERE name = ?1");
  put_text(row, 1, name);
  switch (sqlite3_step(row.get())) {
    case SQLITE_ROW: return number(row, 0);
    case SQLITE_DONE: return std::uint64_t{0};
    default: return error("read reserved event ids");
  }
}

bool journal_store::raise(const std::string& name, std::uint64_t value) {
  auto put = prepare(db_.get(),
                     "INSERT INTO counter VALUES (?1, ?2) "
                     "ON CONFLICT (name) DO UPDATE SET value = max(value, ?2)");
  put_text(put, 1, name);
  put_number(put, 2, value);
  return sqlite3_step(put.get()) == SQLITE_DONE;
}

failure journal_store::error(std::string_view what) const {
  return fail(errc::io, std::string{what} + " in " + file_.string() + ": "
                          + sqlite3_errmsg(db_.get()));
}

/// Carries it out, ready for the next row; else all since BEGIN is undone.
result<void> journal_store::step(sqlite3_stmt* what, std::string_view doing) {
  if (sqlite3_step(what) == SQLITE_DONE) {
    sqlite3_reset(what);
    return {};
  }
  auto why = error(doing);
  sqlite3_reset(what);
  (void)run("ROLLBACK");
  return why;
}

/// All or nothing: what cannot be stored must not wait for a later commit.
result<void> journal_store::commit() {
  auto done = run("COMMIT");
  if (!done && sqlite3_get_autocommit(db_.get()) == 0)
    (void)run("ROLLBACK");
  return done;
}

result<void> journal_store::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return error(sql);
  return {};
}

} // namespace saker
