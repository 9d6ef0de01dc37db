#include "supervision/sequencer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker::supervision {
namespace {

class sequencer_test : public ::testing::Test {
protected:
  std::vector<std::uint64_t> asked;
  sequencer uut{1'000, 11'000,
                [this](std::uint64_t ms) { asked.push_back(ms); }};
};

TEST_F(sequencer_test, counts_the_events_of_one_millisecond) {
  EXPECT_EQ(uut.next(2'000), (event_id{2'000, 0}));
  EXPECT_EQ(uut.next(2'000), (event_id{2'000, 1}));
  EXPECT_EQ(uut.next(2'001), (event_id{2'001, 0}));
}

TEST_F(sequencer_test, never_goes_back_with_the_clock) {
  auto first = uut.next(5'000);
  EXPECT_GT(uut.next(3'000), first);
}

TEST_F(sequencer_test, gives_no_number_of_an_earlier_run) {
  EXPECT_GT(uut.next(500), (event_id{1'000, ~std::uint64_t{0}}));
}

TEST_F(sequencer_test, asks_in_time_and_only_once) {
  uut.next(5'999);
  EXPECT_TRUE(asked.empty());
  uut.next(6'001);
  uut.next(6'002);
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{21'000}));
  uut.reserved_until(21'000);
  uut.next(15'999);
  EXPECT_EQ(asked.size(), 1u);
  uut.next(16'001);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(sequencer_test, stays_below_what_is_reserved_while_it_waits) {
  uut.next(2'000);
  EXPECT_EQ(uut.next(99'000), (event_id{11'000, 0}));
  EXPECT_EQ(uut.next(99'001), (event_id{11'000, 1}));
  uut.reserved_until(109'000);
  EXPECT_EQ(uut.next(99'002), (event_id{99'002, 0}));
}

TEST_F(sequencer_test, asks_again_after_a_refusal) {
  uut.next(99'000);
  uut.next(99'001);
  EXPECT_EQ(asked.size(), 1u);
  uut.reservation_failed();
  uut.next(99'002);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(sequencer_test, reads_what_it_writes) {
  EXPECT_EQ(to_string(event_id{17, 3}), "17-3");
  EXPECT_EQ(parse_event_id("17-3"), (event_id{17, 3}));
  for (auto bad : {"", "17", "17-", "-3", "a-b", "1-2-3", "-1-2"})
    EXPECT_EQ(parse_event_id(bad), std::nullopt) << bad;
}

} // namespace
} // namespace saker::supervision
