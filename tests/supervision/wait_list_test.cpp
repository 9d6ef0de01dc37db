#include "supervision/wait_list.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;
using wait_outcome = wait_list::outcome;
using added_wait = wait_list::added;
using ended_waits = wait_list::ended;

const time_point asked_at{1h};

class wait_list_test : public ::testing::Test {
protected:
  added_wait add(wait_list::ticket who, std::vector<wait_list::place> places,
                 duration patience = 1s, std::uint64_t client = 7) {
    return uut.add(who, client, places, state::running, asked_at + patience);
  }

  wait_list uut;
};

TEST_F(wait_list_test, remembers_nothing_of_what_is_so_already) {
  EXPECT_EQ(add(1, {{"a", state::running}}),
            (added_wait{wait_outcome::over, 1}));
  EXPECT_EQ(add(2, {}), (added_wait{wait_outcome::over, 0}));
  EXPECT_FALSE(uut.next_deadline());
}

TEST_F(wait_list_test, tells_when_the_last_one_is_there) {
  EXPECT_EQ(add(1, {{"a", state::stopped}, {"b", state::stopped}}).what,
            wait_outcome::waiting);
  EXPECT_EQ(uut.told("a", state::running), ended_waits{});
  EXPECT_EQ(uut.told("x", state::running), ended_waits{});
  EXPECT_EQ(uut.told("b", state::running), (ended_waits{{1, 2}}));
  EXPECT_FALSE(uut.next_deadline());
}

TEST_F(wait_list_test, counts_what_got_there_and_left_again) {
  add(1, {{"a", state::stopped}, {"b", state::stopped}, {"c", state::stopped}});
  EXPECT_EQ(uut.told("a", state::running), ended_waits{});
  EXPECT_EQ(uut.told("a", state::backoff), ended_waits{});
  EXPECT_EQ(uut.told("a", state::running), ended_waits{}); // once is enough
  EXPECT_EQ(uut.told("b", state::running), ended_waits{});
  EXPECT_EQ(uut.expired(asked_at + 1s), (ended_waits{{1, 2}}));
}

TEST_F(wait_list_test, counts_those_that_are_there_when_the_time_is_over) {
  add(1, {{"a", state::running}, {"b", state::stopped}}, 2s);
  add(2, {{"b", state::stopped}}, 1s);
  EXPECT_EQ(uut.next_deadline(), asked_at + 1s);
  EXPECT_EQ(uut.expired(asked_at), ended_waits{});
  EXPECT_EQ(uut.expired(asked_at + 1s), (ended_waits{{2, 0}}));
  EXPECT_EQ(uut.expired(asked_at + 2s), (ended_waits{{1, 1}}));
  EXPECT_EQ(uut.told("b", state::running), ended_waits{});
}

TEST_F(wait_list_test, does_not_wait_for_what_is_no_more) {
  add(1, {{"a", state::running}, {"b", state::stopped}, {"c", state::stopped}});
  EXPECT_EQ(uut.gone("b"), ended_waits{});
  EXPECT_EQ(uut.gone("a"), ended_waits{});
  EXPECT_EQ(uut.told("b", state::running), ended_waits{}); // another one
  EXPECT_EQ(uut.told("c", state::running), (ended_waits{{1, 2}}));
  add(2, {{"a", state::running}, {"b", state::stopped}});
  EXPECT_EQ(uut.gone("b"), (ended_waits{{2, 1}}));
  EXPECT_FALSE(uut.next_deadline());
}

TEST_F(wait_list_test, does_not_wait_for_what_has_failed) {
  EXPECT_EQ(add(1, {{"a", state::failed}}),
            (added_wait{wait_outcome::over, 0}));
  EXPECT_EQ(add(1, {{"a", state::failed}, {"b", state::running}}),
            (added_wait{wait_outcome::over, 1}));
  add(2, {{"a", state::failed}, {"b", state::stopped}, {"c", state::backoff}});
  EXPECT_EQ(uut.told("c", state::failed), ended_waits{});
  EXPECT_EQ(uut.told("b", state::running), (ended_waits{{2, 1}}));
  add(3, {{"a", state::starting}});
  add(4, {{"a", state::starting}});
  EXPECT_EQ(uut.told("a", state::backoff), ended_waits{}); // it goes on
  EXPECT_EQ(uut.told("a", state::failed), (ended_waits{{3, 0}, {4, 0}}));
  EXPECT_FALSE(uut.next_deadline());
}

TEST_F(wait_list_test, may_wait_for_a_failure) {
  EXPECT_EQ(
    uut.add(1, 7, {{"a", state::running}}, state::failed, asked_at + 1s),
    (added_wait{wait_outcome::waiting, 0}));
  EXPECT_EQ(uut.told("a", state::failed), (ended_waits{{1, 1}}));
  EXPECT_EQ(uut.add(1, 7, {{"a", state::failed}}, state::failed, asked_at + 1s),
            (added_wait{wait_outcome::over, 1}));
}

TEST_F(wait_list_test, forgets_what_a_client_waits_for) {
  add(1, {{"a", state::stopped}}, 1s, 7);
  add(2, {{"a", state::stopped}}, 1s, 8);
  EXPECT_EQ(uut.withdraw(7), (ended_waits{{1, 0}}));
  EXPECT_EQ(uut.told("a", state::running), (ended_waits{{2, 1}}));
}

TEST_F(wait_list_test, has_a_bound_and_room_again_afterwards) {
  std::vector<wait_list::place> many;
  for (std::size_t i = 0; i < wait_list::most_watched; ++i)
    many.emplace_back("s" + std::to_string(i), state::stopped);
  EXPECT_EQ(add(1, many).what, wait_outcome::waiting);
  EXPECT_EQ(add(2, {{"a", state::stopped}}).what, wait_outcome::full);
  EXPECT_EQ(uut.expired(asked_at + 1s).size(), 1u);
  EXPECT_EQ(add(3, {{"a", state::stopped}}).what, wait_outcome::waiting);
}

} // namespace
} // namespace saker::supervision
