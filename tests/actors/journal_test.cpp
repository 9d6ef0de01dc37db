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
    queue = std::make_shared<supervision::history_queue>(
      3, [this] { caf::anon_send(uut, atom::pump_v); });
    uut = spawn(
      journal,
      journal_links{store, sequencer, "b1",
                    [this](const std::string& x) { warnings.push_back(x); },
                    queue, 10, std::chrono::milliseconds{1'000}, "n1",
                    [this] { return now; }});
  }

  void put(std::uint64_t ms) {
    queue->put({{ms, 0}, "a#0", "exit", "{}"});
  }

  /// The times of the events that are kept of `a#0`, with their names.
  std::vector<std::string> kept() {
    std::vector<std::string> result;
    for (auto& x : *store->history().last({"a#0"}, 100))
      result.push_back(std::to_string(x.id.ms) + ' ' + x.name);
    return result;
  }

  /// From now on the journal is a file, which others may write to.
  void use_file() {
    std::string notice;
    *store = std::move(*journal_store::open(file(), notice));
  }

  std::string file() const {
    return dir.path() / "journal.db";
  }

  /// Another program has its way with it.
  void meddle(const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }

  test::temporary_directory dir;
  std::shared_ptr<journal_store> store;
  std::shared_ptr<supervision::sequencer> sequencer;
  supervision::reservation asked;
  std::vector<std::string> warnings;
  std::shared_ptr<supervision::history_queue> queue;
  std::int64_t now = 1'500;
  journal_actor uut;
};

using texts = std::vector<std::string>;

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
  use_file();
  meddle("DROP TABLE counter");
  for (auto i = 0; i < 3; ++i) {
    asked = {};
    sequencer->next(1'000);
    ASSERT_NE(asked.line, 0u) << "it is asked again";
    tell(uut, atom::reserve_v, asked);
  }
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_EQ(sequencer->next(1'000).ms, 10u);
}

TEST_F(journal_test, stores_what_happens_in_the_order_it_comes) {
  put(1'001);
  put(1'002);
  EXPECT_EQ(kept(), texts{}) << "nobody waits for it";
  settle();
  EXPECT_EQ(kept(), (texts{"1001 exit", "1002 exit"}));
  put(1'003);
  settle();
  EXPECT_EQ(kept().size(), 3u);
}

TEST_F(journal_test, tells_of_events_that_wait_too) {
  put(1'001);
  auto found = ask<past_events>(
    uut, atom::query_v, std::vector<std::string>{"a#0"}, std::uint32_t{5});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front(), (past_event{{1'001, 0}, "a#0", "exit", "{}"}));
  put(1'002);
  found = ask<past_events>(uut, atom::query_v,
                           supervision::past_page{{}, true, {1'001, 0}, 5});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().id.ms, 1'002u);
}

TEST_F(journal_test, counts_what_its_queue_could_not_hold) {
  for (auto ms : {1'001, 1'002, 1'003, 1'004, 1'005})
    put(static_cast<std::uint64_t>(ms));
  settle();
  EXPECT_EQ(kept(), (texts{"1002 gap", "1003 exit", "1004 exit", "1005 exit"}));
  EXPECT_EQ(
    store->history().last({}, 1)->front().payload,
    R"({"id":"1002-0","ts":1002,"node":"n1","event":"gap","missed":2})");
  put(1'006);
  settle();
  EXPECT_EQ(kept().size(), 5u) << "one gap is told once";
}

TEST_F(journal_test, counts_what_the_disk_refused_and_says_it_once) {
  use_file();
  put(1'001);
  settle();
  meddle("ALTER TABLE event RENAME TO hidden");
  put(1'002);
  settle();
  put(1'003);
  settle();
  EXPECT_EQ(warnings.size(), 1u);
  meddle("ALTER TABLE hidden RENAME TO event");
  put(1'004);
  settle();
  EXPECT_EQ(kept(), (texts{"1001 exit", "1003 gap", "1004 exit"}));
  EXPECT_NE(store->history().last({}, 1)->front().payload.find("\"missed\":2"),
            std::string::npos);
  meddle("ALTER TABLE event RENAME TO hidden");
  put(1'005);
  settle();
  EXPECT_EQ(warnings.size(), 2u) << "it had worked in between";
}

TEST_F(journal_test, removes_what_is_too_old_or_too_much_now_and_then) {
  put(499);
  put(1'001);
  settle();
  EXPECT_EQ(kept(), (texts{"1001 exit"})) << "one second is kept";
  for (std::uint64_t ms = 61'001; ms < 61'020; ++ms) {
    put(ms);
    settle();
  }
  EXPECT_EQ(kept().size(), 20u) << "not each time";
  now += event_shelf::prune_every;
  put(61'020);
  settle();
  auto left = kept();
  EXPECT_EQ(left.size(), 10u);
  EXPECT_EQ(left.front(), "61011 exit");
  EXPECT_EQ(left.back(), "61020 exit");
}

} // namespace
} // namespace saker
