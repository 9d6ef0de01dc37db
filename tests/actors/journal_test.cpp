#include "actors/journal.hpp"

#include "tests/support/actor_test.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sqlite3.h>

namespace saker {
namespace {

class journal_test : public test::actor_test {
protected:
  journal_test() {
    std::string notice;
    store = std::make_shared<journal_store>(
      *journal_store::open(":memory:", notice));
    sequencer = std::make_shared<supervision::sequencer>(
      supervision::reservation{}, supervision::reservation{10, 10},
      [this](const supervision::reservation& x) { asked = x; },
      [] { return std::uint64_t{0}; });
    uut = spawn(journal, journal_links{store, sequencer, "b1",
                                       [this](const std::string& x) {
                                         warnings.push_back(x);
                                       }});
  }

  /// Another program has its way with the file.
  void break_journal() {
    auto file = (dir.path() / "journal.db").string();
    std::string notice;
    *store = std::move(*journal_store::open(file, notice));
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, "DROP TABLE counter", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
  }

  test::temporary_directory dir;
  std::shared_ptr<journal_store> store;
  std::shared_ptr<supervision::sequencer> sequencer;
  supervision::reservation asked;
  std::vector<std::string> warnings;
  journal_actor uut;
};

TEST_F(journal_test, answers_when_it_is_stored) {
  EXPECT_TRUE(
    ask<bool>(uut, atom::want_v, wanted_list{{"a#0", false, "amy", 1}}));
  EXPECT_EQ(store->all_wanted()->size(), 1u);
  EXPECT_TRUE(ask<bool>(uut, atom::forget_v, std::vector<std::string>{"a#0"}));
  EXPECT_TRUE(store->all_wanted()->empty());
}

TEST_F(journal_test, lets_event_ids_follow_the_clock_once_that_is_stored) {
  EXPECT_EQ(sequencer->next(1'000).ms, 10u);
  ASSERT_NE(asked.line, 0u);
  tell(uut, atom::reserve_v, asked);
  EXPECT_EQ(sequencer->next(1'000).ms, 1'000u);
  EXPECT_EQ(*store->reserved("b1"), asked);
}

TEST_F(journal_test, says_once_that_event_ids_cannot_be_reserved) {
  break_journal();
  for (auto i = 0; i < 3; ++i) {
    asked = {};
    sequencer->next(1'000);
    ASSERT_NE(asked.line, 0u) << "it is asked again";
    tell(uut, atom::reserve_v, asked);
  }
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_EQ(sequencer->next(1'000).ms, 10u);
}

} // namespace
} // namespace saker
