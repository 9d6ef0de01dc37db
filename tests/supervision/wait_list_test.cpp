#include "supervision/wait_list.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;
using outcome = wait_list::outcome;
using tickets = std::vector<wait_list::ticket>;
using counts = std::vector<std::pair<wait_list::ticket, std::size_t>>;

const time_point now{1h};

class wait_list_test : public ::testing::Test {
protected:
  outcome add(wait_list::ticket who, std::vector<wait_list::place> places,
              duration patience = 1s, std::uint64_t client = 7) {
    return uut.add(who, client, places, state::running, now + patience);
  }

  wait_list uut;
};

TEST_F(wait_list_test, remembers_nothing_of_what_is_so_already) {
  EXPECT_EQ(add(1, {{"a", state::running}}), outcome::reached);
  EXPECT_EQ(add(2, {}), outcome::reached);
  EXPECT_FALSE(uut.next_deadline());
}

TEST_F(wait_list_test, tells_when_the_last_one_is_there) {
  EXPECT_EQ(add(1, {{"a", state::stopped}, {"b", state::stopped}}),
            outcome::waiting);
  EXPECT_EQ(uut.told("a", state::running), tickets{});
  EXPECT_EQ(uut.told("x", state::running), tickets{});
  EXPECT_EQ(uut.told("b", state::running), tickets{1});
  EXPECT_FALSE(uut.next_deadline());
}

TEST_F(wait_list_test, counts_what_got_there_and_left_again) {
  add(1, {{"a", state::stopped}, {"b", state::stopped}, {"c", state::stopped}});
  EXPECT_EQ(uut.told("a", state::running), tickets{});
  EXPECT_EQ(uut.told("a", state::backoff), tickets{});
  EXPECT_EQ(uut.told("a", state::running), tickets{}); // once is enough
  EXPECT_EQ(uut.told("b", state::running), tickets{});
  EXPECT_EQ(uut.expired(now + 1s), (counts{{1, 2}}));
}

TEST_F(wait_list_test, counts_those_that_are_there_when_the_time_is_over) {
  add(1, {{"a", state::running}, {"b", state::stopped}}, 2s);
  add(2, {{"b", state::stopped}}, 1s);
  EXPECT_EQ(uut.next_deadline(), now + 1s);
  EXPECT_EQ(uut.expired(now), counts{});
  EXPECT_EQ(uut.expired(now + 1s), (counts{{2, 0}}));
  EXPECT_EQ(uut.expired(now + 2s), (counts{{1, 1}}));
  EXPECT_EQ(uut.told("b", state::running), tickets{});
}

TEST_F(wait_list_test, waits_in_vain_for_what_is_no_more) {
  add(1, {{"a", state::running}, {"b", state::stopped}, {"c", state::stopped}});
  uut.gone("b");
  EXPECT_EQ(uut.told("c", state::running), tickets{});
  uut.gone("a");
  EXPECT_EQ(uut.expired(now + 1s), (counts{{1, 2}}));
}

TEST_F(wait_list_test, forgets_what_a_client_waits_for) {
  add(1, {{"a", state::stopped}}, 1s, 7);
  add(2, {{"a", state::stopped}}, 1s, 8);
  EXPECT_EQ(uut.withdraw(7), (counts{{1, 0}}));
  EXPECT_EQ(uut.told("a", state::running), tickets{2});
}

TEST_F(wait_list_test, has_a_bound_and_room_again_afterwards) {
  std::vector<wait_list::place> many;
  for (std::size_t i = 0; i < wait_list::most_watched; ++i)
    many.emplace_back("s" + std::to_string(i), state::stopped);
  EXPECT_EQ(add(1, many), outcome::waiting);
  EXPECT_EQ(add(2, {{"a", state::stopped}}), outcome::full);
  EXPECT_EQ(uut.expired(now + 1s).size(), 1u);
  EXPECT_EQ(add(3, {{"a", state::stopped}}), outcome::waiting);
}

} // namespace
} // namespace saker::supervision
