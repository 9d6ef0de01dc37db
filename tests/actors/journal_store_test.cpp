#include "actors/journal_store.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <sqlite3.h>

namespace saker {
namespace {

class journal_store_test : public ::testing::Test {
protected:
  journal_store_test() {
    char name[] = "/tmp/saker-journal-XXXXXX";
    dir = ::mkdtemp(name);
  }

  ~journal_store_test() override {
    std::filesystem::remove_all(dir);
  }

  journal_store open() {
    return *journal_store::open(dir / "journal.db", notice);
  }

  std::filesystem::path dir;
  std::string notice;
};

TEST_F(journal_store_test, remembers_the_last_word_on_each_service) {
  {
    auto uut = open();
    ASSERT_TRUE(uut.want({{"web", true, "root", 1}, {"db", false, "root", 2}}));
    ASSERT_TRUE(uut.want({{"web", false, "amy", 3}}));
  }
  EXPECT_EQ(
    *open().all_wanted(),
    (std::vector<wanted>{{"db", false, "root", 2}, {"web", false, "amy", 3}}));
}

TEST_F(journal_store_test, forgets_what_it_is_told_to_forget) {
  auto uut = open();
  ASSERT_TRUE(uut.want({{"web", true, "root", 1}, {"db", true, "root", 1}}));
  ASSERT_TRUE(uut.forget({"web", "never seen"}));
  EXPECT_EQ(uut.all_wanted()->size(), 1u);
}

TEST_F(journal_store_test, remembers_what_was_dropped) {
  {
    auto uut = open();
    ASSERT_TRUE(uut.want({{"web", false, "amy", 3, true}}));
  }
  EXPECT_EQ(*open().all_wanted(),
            (std::vector<wanted>{{"web", false, "amy", 3, true}}));
}

TEST_F(journal_store_test, remembers_the_last_of_each_setting) {
  using topic = setting::topic;
  {
    auto uut = open();
    ASSERT_TRUE(uut.set({{topic::autostart, "web#0", 0, 0, "amy", 1},
                         {topic::count, "web", 4, 2, "amy", 2}}));
    ASSERT_TRUE(
      uut.set({{topic::count, "web", 5, 2, "bob", 3},
               {topic::count, "db", 5, 2, "bob", 3},
               {topic::command, "x", 0, 0, "a", 1, std::string{"a\0b\0", 4}}}));
    ASSERT_TRUE(uut.forget({"db"}));
  }
  EXPECT_EQ(*open().all_settings(),
            (std::vector<setting>{
              {topic::autostart, "web#0", 0, 0, "amy", 1},
              {topic::count, "web", 5, 2, "bob", 3},
              {topic::command, "x", 0, 0, "a", 1, std::string{"a\0b\0", 4}}}));
}

TEST_F(journal_store_test, goes_on_with_a_journal_of_an_earlier_version) {
  {
    auto uut = open();
    ASSERT_TRUE(uut.want({{"web", false, "root", 1}}));
  }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((dir / "journal.db").c_str(), &raw), SQLITE_OK);
  sqlite3_exec(raw,
               "DROP TABLE setting; DROP TABLE audit; "
               "PRAGMA user_version = 1",
               nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  auto uut = open();
  EXPECT_EQ(notice, "");
  EXPECT_EQ(uut.all_wanted()->size(), 1u);
  EXPECT_TRUE(uut.set({{setting::topic::count, "web", 5, 2, "bob", 3}}));
}

TEST_F(journal_store_test, t_d1_never_takes_back_reserved_ids) {
  {
    auto uut = open();
    EXPECT_EQ(*uut.reserved("b1"), (reservation{0, 0}));
    ASSERT_TRUE(uut.reserve("b1", {700, 20'000}));
    ASSERT_TRUE(uut.reserve("b1", {600, 10'000}));
  }
  EXPECT_EQ(*open().reserved("b1"), (reservation{700, 20'000}));
}

TEST_F(journal_store_test, keeps_one_line_of_event_ids_that_of_this_boot) {
  auto uut = open();
  ASSERT_TRUE(uut.reserve("b1", {700, 20'000}));
  EXPECT_EQ(*uut.reserved("b2"), (reservation{0, 20'000}));
  ASSERT_TRUE(uut.reserve("b2", {300, 30'000}));
  EXPECT_EQ(*uut.reserved("b2"), (reservation{300, 30'000}));
  EXPECT_EQ(*uut.reserved("b1"), (reservation{0, 30'000}));
}

TEST_F(journal_store_test, is_not_written_when_it_is_only_read) {
  {
    auto uut = open();
    ASSERT_TRUE(uut.want({{"web", false, "root", 1}}));
  }
  auto size = [this] {
    std::error_code none;
    auto wal = std::filesystem::file_size(dir / "journal.db-wal", none);
    return none ? std::uintmax_t{0} : wal;
  };
  auto uut = open();
  EXPECT_EQ(uut.all_wanted()->size(), 1u);
  EXPECT_EQ(size(), 0u);
}

TEST_F(journal_store_test, t_d1_sets_a_damaged_file_aside_and_says_so) {
  std::ofstream{dir / "journal.db"} << std::string(8192, 'x');
  auto uut = open();
  EXPECT_NE(notice.find("journal.db.corrupt-1"), std::string::npos) << notice;
  EXPECT_TRUE(std::filesystem::exists(dir / "journal.db.corrupt-1"));
  EXPECT_TRUE(uut.all_wanted()->empty());
}

TEST_F(journal_store_test, names_the_file_it_cannot_open) {
  auto uut = journal_store::open(dir / "missing" / "journal.db", notice);
  ASSERT_FALSE(uut);
  EXPECT_EQ(uut.error().code, errc::io);
  EXPECT_NE(uut.error().detail.find("missing/journal.db"), std::string::npos);
}

TEST_F(journal_store_test, keeps_its_file_to_its_owner) {
  auto uut = open();
  auto mode = std::filesystem::status(dir / "journal.db").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::others_all,
            std::filesystem::perms::none);
}

/// As it was before there was a history.
TEST_F(journal_store_test, goes_on_with_a_journal_without_a_history) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((dir / "journal.db").c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db,
                         "CREATE TABLE wanted (name TEXT PRIMARY KEY, up "
                         "INTEGER NOT NULL, by TEXT NOT NULL, at INTEGER NOT "
                         "NULL) WITHOUT ROWID; CREATE TABLE counter (name TEXT "
                         "PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID; "
                         "INSERT INTO wanted VALUES ('web#0', 0, 'amy', 3); "
                         "PRAGMA user_version = 1",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  auto uut = open();
  EXPECT_EQ(notice, "");
  EXPECT_EQ(uut.all_wanted()->size(), 1u);
  EXPECT_TRUE(uut.history().store({{{1, 0}, "web#0", "exit", "{}"}}));
  EXPECT_EQ(uut.history().last({"web#0"}, 9)->size(), 1u);
  EXPECT_TRUE(uut.audits().store({{{1, 0}, "ann", "svstop", "{}"}}));
}

} // namespace
} // namespace saker
