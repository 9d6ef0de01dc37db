#include "keeper/lost_rows.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;

survivor one(std::string key, std::uint64_t id, pid_t pid, bool leads = true,
             uid_t uid = 0) {
  survivor x;
  x.marker = {std::move(key), id};
  x.pid = pid;
  x.uid = uid;
  x.leads = leads;
  return x;
}

std::vector<pid_t>
chosen(const std::vector<survivor>& all, const table& known = {}) {
  std::vector<pid_t> out;
  for (auto x : choose_lost(all, known))
    out.push_back(x->pid);
  return out;
}

TEST(lost_rows_test, each_key_has_one) {
  EXPECT_EQ(chosen({one("a#0", 1, 10), one("b#0", 2, 11), one("a#1", 3, 12)}),
            (std::vector<pid_t>{10, 12, 11}));
  EXPECT_TRUE(chosen({}).empty());
}

TEST(lost_rows_test, a_child_is_taken_before_its_descendants) {
  EXPECT_EQ(
    chosen({one("a#0", 1, 10, false), one("a#0", 1, 11), one("a#0", 1, 12)}),
    std::vector<pid_t>{11});
  EXPECT_EQ(chosen({one("a#0", 1, 10, false), one("a#0", 1, 11, false)}),
            std::vector<pid_t>{10});
}

TEST(lost_rows_test, the_latest_start_counts) {
  EXPECT_EQ(chosen({one("a#0", 1, 10), one("a#0", 2, 11)}),
            std::vector<pid_t>{11});
}

TEST(lost_rows_test, a_stranger_cannot_take_the_place_of_one_of_root) {
  EXPECT_EQ(chosen({one("a#0", 1, 10), one("a#0", 99, 11, true, 4242)}),
            std::vector<pid_t>{10});
  EXPECT_EQ(chosen({one("a#0", 1, 10, true, ::geteuid()),
                    one("a#0", 99, 11, true, 4242)}),
            std::vector<pid_t>{10});
}

TEST(lost_rows_test, what_has_a_row_is_not_lost) {
  table known;
  ASSERT_TRUE(known.note("a#0", "x"));
  EXPECT_EQ(chosen({one("a#0", 1, 10), one("b#0", 1, 11)}, known),
            std::vector<pid_t>{11});
}

TEST(lost_rows_test, what_is_no_key_is_nobody) {
  EXPECT_TRUE(chosen({one("../etc", 1, 10), one("a#0", 0, 11)}).empty());
}

TEST(lost_rows_test, a_row_has_what_can_be_known) {
  auto x = one("web#3", 17, 10, true, 33);
  x.start_time = 250;
  auto row = rebuild(x, link::output_mode::split);
  EXPECT_EQ(row.key, "web#3");
  EXPECT_EQ(row.spawn_id, 17u);
  EXPECT_EQ(row.kind, link::child_class::service);
  EXPECT_EQ(row.output, link::output_mode::split);
  EXPECT_EQ(row.stop, "TERM 10s KILL");
  EXPECT_EQ(row.user, "33");
  EXPECT_EQ(row.started, 250 * 1'000'000'000ns / ::sysconf(_SC_CLK_TCK));
  EXPECT_EQ(rebuild(one("exec:9#0", 9, 10), link::output_mode::none).kind,
            link::child_class::job);
}

TEST(lost_rows_test, goes_into_the_table_as_a_living_child) {
  table rows;
  ASSERT_TRUE(rows.note("b#0", "x"));
  rows.take_changes();
  auto row = rows.add_lost(rebuild(one("a#0", 7, 10), link::output_mode::none));
  ASSERT_TRUE(row);
  EXPECT_EQ((*row)->state, link::row_state::running);
  EXPECT_EQ(rows.living(), 1u);
  EXPECT_EQ(rows.last_spawn_id(), 7u);
  EXPECT_EQ(rows.in_slot((*row)->slot), *row);
  auto changes = rows.take_changes();
  EXPECT_TRUE(changes.header);
  EXPECT_EQ(changes.slots, std::vector<std::uint32_t>{(*row)->slot});
  EXPECT_FALSE(
    rows.add_lost(rebuild(one("a#0", 8, 11), link::output_mode::none)));
  EXPECT_FALSE(
    rows.add_lost(rebuild(one("b#0", 8, 11), link::output_mode::none)));
}

} // namespace
} // namespace saker::keeper
