#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sqlite3.h>

/// The little of SQLite's C interface that the journal needs.
namespace saker::sqlite {

struct finalizer {
  void operator()(sqlite3_stmt* x) const noexcept {
    sqlite3_finalize(x);
  }
};

using statement = std::unique_ptr<sqlite3_stmt, finalizer>;

/// Null if the text is no sound statement for this data base; stepping that is
/// an error like others.
inline statement prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(db, sql, -1, &raw, nullptr);
  return statement{raw};
}

/// `x` must live until the statement was stepped. Not `bind`: where that is
/// std::bind, it does nothing in silence.
inline void put_text(const statement& to, int at, const std::string& x) {
  sqlite3_bind_text(to.get(), at, x.data(), static_cast<int>(x.size()),
                    SQLITE_STATIC);
}

inline void put_number(const statement& to, int at, std::uint64_t x) {
  sqlite3_bind_int64(to.get(), at, static_cast<sqlite3_int64>(x));
}

inline std::string text(const statement& row, int column) {
  auto bytes
    = reinterpret_cast<const char*>(sqlite3_column_text(row.get(), column));
  return {bytes ? bytes : "",
          static_cast<std::size_t>(sqlite3_column_bytes(row.get(), column))};
}

inline std::uint64_t number(const statement& row, int column) {
  return static_cast<std::uint64_t>(sqlite3_column_int64(row.get(), column));
}

inline bool run(sqlite3* db, const char* sql) {
  return sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

} // namespace saker::sqlite
