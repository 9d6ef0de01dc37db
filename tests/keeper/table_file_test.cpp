#include "keeper/table_file.hpp"

#include "keeper/table_image.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::keeper {
namespace {

namespace fs = std::filesystem;

class table_file_test : public testing::Test {
protected:
  table_file_test() {
    folder = parent.path() / "run";
    EXPECT_EQ(::mkdir(folder.c_str(), 0700), 0);
  }

  std::string path() const {
    return folder + "/keeper.table";
  }

  /// Writes a table of two rows as a keeper would.
  void write_two() {
    auto file = table_file::open(folder);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->load());
    ASSERT_TRUE(rows.note("a#0", "one"));
    link::spawn order;
    order.key = "b#0";
    order.spawn_id = 7;
    ASSERT_TRUE(rows.start(order, stamp{5}));
    ASSERT_TRUE(file->save(rows, rows.take_changes()));
  }

  void overwrite(std::size_t at, const std::string& bytes) {
    std::fstream file{path(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
  }

  table_file::content load() {
    auto file = table_file::open(folder);
    EXPECT_TRUE(file) << file.error().detail;
    auto found = file->load();
    EXPECT_TRUE(found);
    return std::move(*found);
  }

  static std::vector<std::string> keys(const table_file::content& x) {
    std::vector<std::string> out;
    for (auto& row : x.rows)
      out.push_back(row.key);
    return out;
  }

  using names = std::vector<std::string>;

  test::temporary_directory parent;
  std::string folder;
  table rows;
};

TEST_F(table_file_test, a_new_one_says_nothing_of_what_lives) {
  auto x = load();
  EXPECT_TRUE(x.rows.empty());
  EXPECT_FALSE(x.whole);
  EXPECT_TRUE(x.complaints.empty());
  EXPECT_TRUE(load().whole) << "it has a header now";
}

TEST_F(table_file_test, comes_back_as_it_was_written) {
  write_two();
  auto x = load();
  EXPECT_EQ(keys(x), (names{"a#0", "b#0"}));
  EXPECT_EQ(x.last_spawn_id, 7u);
  EXPECT_TRUE(x.whole);
}

TEST_F(table_file_test, a_damaged_header_takes_no_row_along) {
  write_two();
  overwrite(20, "xx");
  auto x = load();
  EXPECT_EQ(keys(x), (names{"a#0", "b#0"}));
  EXPECT_FALSE(x.whole);
  ASSERT_EQ(x.complaints.size(), 1u);
  EXPECT_NE(x.complaints[0].find("without the header"), std::string::npos);
  x = load();
  EXPECT_EQ(keys(x), (names{"a#0", "b#0"})) << "and is mended";
  EXPECT_TRUE(x.whole);
}

TEST_F(table_file_test, a_damaged_row_is_told_and_missed) {
  write_two();
  overwrite(record_size + 100, "xx");
  auto x = load();
  EXPECT_EQ(keys(x), (names{"b#0"}));
  EXPECT_FALSE(x.whole);
  EXPECT_EQ(x.complaints.size(), 1u);
}

TEST_F(table_file_test, rows_of_another_boot_are_nothing) {
  write_two();
  entry old;
  old.key = "c#0";
  old.note = "x";
  process::boot_id boot{1};
  auto bytes = encode_record(old, boot);
  overwrite(3 * record_size, {bytes.data(), bytes.size()});
  auto x = load();
  EXPECT_EQ(keys(x), (names{"a#0", "b#0"}));
  EXPECT_TRUE(x.whole);
  EXPECT_TRUE(x.complaints.empty());
  bytes = encode_header({boot, 9});
  overwrite(0, {bytes.data(), bytes.size()});
  x = load();
  EXPECT_TRUE(x.rows.empty());
  EXPECT_EQ(x.last_spawn_id, 0u);
  EXPECT_TRUE(x.whole);
}

TEST_F(table_file_test, is_made_anew_with_all_rows_when_it_was_taken_away) {
  auto file = table_file::open(folder);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->load());
  ASSERT_TRUE(rows.note("a#0", "one"));
  ASSERT_TRUE(file->save(rows, rows.take_changes()));
  fs::remove_all(folder);
  ASSERT_TRUE(rows.note("b#0", "two"));
  ASSERT_TRUE(file->save(rows, rows.take_changes()));
  auto x = load();
  EXPECT_EQ(keys(x), (names{"a#0", "b#0"}));
  EXPECT_TRUE(x.whole);
}

TEST_F(table_file_test, set_aside_leaves_notes_for_the_next_start) {
  write_two();
  auto file = table_file::open(folder);
  ASSERT_TRUE(file);
  file->set_aside();
  EXPECT_FALSE(fs::exists(path()));
  auto x = load();
  EXPECT_EQ(keys(x), (names{"a#0", "b#0"}));
  EXPECT_TRUE(x.whole);
  EXPECT_TRUE(fs::exists(path())) << "a keeper runs";
}

TEST_F(table_file_test, a_table_counts_more_than_notes) {
  write_two();
  std::ofstream{folder + "/keeper.notes"} << "old";
  EXPECT_EQ(keys(load()), (names{"a#0", "b#0"}));
}

TEST_F(table_file_test, one_that_others_may_write_is_refused) {
  write_two();
  ::chmod(path().c_str(), 0666);
  auto file = table_file::open(folder);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, errc::refused);
}

} // namespace
} // namespace saker::keeper
