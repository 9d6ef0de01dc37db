#include "actors/history_store.hpp"

#include "actors/journal_store.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

class history_store_test : public testing::Test {
protected:
  history_store_test() {
    open();
  }

  void open() {
    std::string notice;
    all = *journal_store::open(dir.path() / "journal.db", notice);
  }

  history_store& uut() {
    return all->history();
  }

  static past_event event(std::uint64_t ms, std::string key = "web#0") {
    return {{ms, ms % 3}, std::move(key), "exit", "{\"ts\":1}"};
  }

  /// Their times.
  std::vector<std::uint64_t>
  last(std::vector<std::string> keys, std::uint32_t count = 100) {
    std::vector<std::uint64_t> result;
    for (auto& x : *uut().last(keys, count))
      result.push_back(x.id.ms);
    return result;
  }

  test::temporary_directory dir;
  std::optional<journal_store> all;
};

using times = std::vector<std::uint64_t>;

TEST_F(history_store_test, keeps_events_over_a_restart_as_they_were) {
  ASSERT_TRUE(uut().store({event(7), event(8)}));
  all.reset();
  open();
  auto found = uut().last({"web#0"}, 9);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::vector<past_event>{event(7), event(8)}));
}

TEST_F(history_store_test, tells_the_first_behind_a_number) {
  ASSERT_TRUE(uut().store({event(5), event(6, "db#0"), event(9), event(7),
                           event(8, "db#1"), event(10, "")}));
  auto after = [&](supervision::past_page asked) {
    times result;
    for (auto& x : *uut().after(asked))
      result.push_back(x.id.ms);
    return result;
  };
  EXPECT_EQ(after({{}, true, {}, 3}), (times{5, 6, 7}));
  EXPECT_EQ(after({{}, true, {7, 0}, 9}), (times{7, 8, 9, 10})); // 7-1 is there
  EXPECT_EQ(after({{}, true, {7, 1}, 9}), (times{8, 9, 10}));
  EXPECT_EQ(after({{"db#0", "db#1"}, false, {6, 2}, 9}), (times{8, 10}));
  EXPECT_EQ(after({{"web#0"}, false, {}, 2}), (times{5, 7}));
}

TEST_F(history_store_test, tells_the_last_of_those_that_are_asked_for) {
  ASSERT_TRUE(uut().store({event(5), event(6, "db#0"), event(9), event(7),
                           event(8, "db#1"), event(10, "")}));
  EXPECT_EQ(last({"web#0"}), (times{5, 7, 9, 10}));
  EXPECT_EQ(last({"web#0"}, 3), (times{7, 9, 10}));
  EXPECT_EQ(last({"db#0", "db#1"}), (times{6, 8, 10}));
  EXPECT_EQ(last({}), (times{10}));
  EXPECT_EQ(last({"web#0"}, 0), (times{}));
  EXPECT_EQ(last({"' OR 1"}), (times{10}));
}

TEST_F(history_store_test, knows_each_id_once) {
  ASSERT_TRUE(uut().store({event(7)}));
  auto again = event(7);
  again.payload = "told twice";
  ASSERT_TRUE(uut().store({again, event(8)}));
  EXPECT_EQ(last({"web#0"}), (times{7, 8}));
  EXPECT_EQ(uut().last({"web#0"}, 9)->front().payload, event(7).payload);
}

TEST_F(history_store_test, removes_the_old_and_the_oldest) {
  for (std::uint64_t ms = 1; ms <= 10; ++ms)
    ASSERT_TRUE(uut().store({event(ms)}));
  ASSERT_TRUE(uut().prune({100, 4}));
  EXPECT_EQ(last({"web#0"}), (times{4, 5, 6, 7, 8, 9, 10}));
  ASSERT_TRUE(uut().prune({2, 4}));
  EXPECT_EQ(last({"web#0"}), (times{9, 10}));
  ASSERT_TRUE(uut().prune({2, 4}));
  EXPECT_EQ(last({"web#0"}), (times{9, 10}));
}

TEST_F(history_store_test, keeps_two_kinds_apart) {
  auto newest = [this](const std::string& key, std::uint32_t count) {
    times result;
    for (auto& x : *all->audits().newest(key, count))
      result.push_back(x.id.ms);
    return result;
  };
  ASSERT_TRUE(uut().store({event(1)}));
  // Also where a clock was set back: in the order in which they came.
  ASSERT_TRUE(
    all->audits().store({event(7, "ann"), event(5, "eve"), event(6, "ann")}));
  EXPECT_EQ(newest("", 9), (times{6, 5, 7}));
  EXPECT_EQ(newest("", 2), (times{6, 5}));
  EXPECT_EQ(newest("ann", 9), (times{6, 7}));
  EXPECT_EQ(newest("nobody", 9), times{});
  ASSERT_TRUE(all->audits().prune({1, 0}));
  EXPECT_EQ(newest("", 9), times{7});
  EXPECT_EQ(last({"web#0"}), times{1});
}

} // namespace
} // namespace saker
