#include "supervision/sequencer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace saker::supervision {
namespace {

constexpr std::uint64_t second = 1'000;
constexpr std::uint64_t hour = 3'600 * second;

/// One machine: its clocks, its disk, and the run that numbers.
class sequencer_test : public ::testing::Test {
protected:
  sequencer_test() {
    begin();
  }

  /// A run begins.
  void begin() {
    asked.clear();
    held = sequencer::first(stored, {unix_time, since_boot});
    uut = std::make_unique<sequencer>(
      std::exchange(stored, held), held,
      [this](const reservation& x) { asked.push_back(x); },
      [this] { return since_boot; });
  }

  /// It ends, and another one begins.
  void crash(std::uint64_t after = 10) {
    pass(after);
    begin();
  }

  void reboot(std::uint64_t clock_says) {
    since_boot = 5 * second;
    unix_time = clock_says;
    stored.line = 0; // of another boot
    begin();
  }

  void pass(std::uint64_t ms) {
    unix_time += ms;
    since_boot += ms;
  }

  event_id next() {
    auto x = uut->next(unix_time);
    EXPECT_GT(x, last);
    last = x;
    return x;
  }

  /// The disk has done what it was last asked for.
  void store() {
    ASSERT_FALSE(asked.empty());
    stored = asked.back();
    uut->reserved(stored);
  }

  std::uint64_t unix_time = 1'700'000'000'000;
  std::uint64_t since_boot = 30 * hour;
  reservation stored;
  reservation held;
  std::vector<reservation> asked;
  std::unique_ptr<sequencer> uut;
  event_id last;
};

TEST_F(sequencer_test, counts_the_events_of_one_millisecond) {
  auto now = unix_time;
  EXPECT_EQ(next(), (event_id{now, 0}));
  EXPECT_EQ(next(), (event_id{now, 1}));
  pass(1);
  EXPECT_EQ(next(), (event_id{now + 1, 0}));
}

TEST_F(sequencer_test, follows_the_clock_after_any_silence) {
  next();
  for (auto silence : {second, 20 * second, hour, 1'000 * hour}) {
    pass(silence);
    EXPECT_EQ(next(), (event_id{unix_time, 0})) << silence;
    pass(1);
    EXPECT_EQ(next(), (event_id{unix_time, 0})) << "the disk is slow";
    if (!asked.empty())
      store();
  }
}

TEST_F(sequencer_test, follows_the_clock_when_nothing_can_be_stored) {
  for (auto i = 0; i < 100; ++i) {
    pass(second);
    EXPECT_EQ(next().ms, unix_time);
    uut->reservation_failed();
  }
}

TEST_F(sequencer_test, never_goes_back_with_the_clock) {
  next();
  unix_time -= hour;
  auto stays = last.ms;
  EXPECT_EQ(next().ms, stays);
  crash();
  next();
  pass(2 * hour);
  EXPECT_EQ(next().ms, unix_time);
}

TEST_F(sequencer_test, does_not_run_ahead_of_the_clock_however_often_it_dies) {
  for (auto i = 0; i < 1'000; ++i) {
    next();
    crash();
    EXPECT_LE(next().ms, unix_time + 1);
    pass(second);
  }
}

TEST_F(sequencer_test, begins_above_what_was_given_before_a_set_back_clock) {
  pass(hour);
  next();
  unix_time -= 2 * hour;
  crash();
  next(); // checks that it is larger
  EXPECT_LE(last.ms, unix_time + 2 * hour + 1);
}

TEST_F(sequencer_test, follows_a_clock_set_forward_once_that_is_stored) {
  next();
  unix_time += hour;
  next();
  EXPECT_LT(last.ms, unix_time - hour + second);
  ASSERT_EQ(asked.size(), 1u);
  next();
  EXPECT_EQ(asked.size(), 1u);
  store();
  EXPECT_EQ(next(), (event_id{unix_time, 0}));
  unix_time -= hour;
  crash();
  next(); // checks that it is larger
}

TEST_F(sequencer_test, begins_with_a_clock_that_was_set_forward) {
  next();
  unix_time += hour;
  next();
  crash(); // the disk was not fast enough
  EXPECT_EQ(next().ms, unix_time);
}

TEST_F(sequencer_test, begins_above_the_boot_before_whatever_the_clock_says) {
  pass(20 * second);
  next();
  store();
  auto until = stored.until;
  reboot(1'000);
  EXPECT_EQ(next().ms, until + 1);
  crash();
  next();
  reboot(last.ms + hour);
  EXPECT_EQ(next(), (event_id{unix_time, 0}));
}

TEST_F(sequencer_test, asks_in_time_and_only_once) {
  pass(sequencer::reserve_ahead - sequencer::reserve_margin);
  next();
  EXPECT_TRUE(asked.empty());
  pass(1);
  next();
  next();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].until, unix_time + sequencer::reserve_ahead);
  EXPECT_EQ(asked[0].line, held.line);
  store();
  pass(sequencer::reserve_margin);
  next();
  EXPECT_EQ(asked.size(), 1u);
  pass(1);
  next();
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(sequencer_test, asks_again_after_a_refusal) {
  pass(hour);
  next();
  next();
  EXPECT_EQ(asked.size(), 1u);
  uut->reservation_failed();
  next();
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(sequencer_test, takes_no_reservation_back) {
  uut->reserved({1, 1});
  pass(1);
  EXPECT_EQ(next().ms, unix_time);
  EXPECT_TRUE(asked.empty());
}

TEST_F(sequencer_test, grows_over_whatever_happens) {
  std::mt19937 dice{4711};
  for (auto i = 0; i < 20'000; ++i) {
    pass(dice() % 4);
    switch (dice() % 40) {
      case 0: pass(dice() % hour); break;
      case 1: unix_time += dice() % (48 * hour); break;
      case 2:
        unix_time -= std::min<std::uint64_t>(unix_time, dice() % (48 * hour));
        break;
      case 3:
      case 4: crash(1 + dice() % 50); break;
      case 5: uut->reservation_failed(); break;
      case 6:
      case 7:
      case 8:
        if (!asked.empty())
          store();
        break;
      case 9: // an orderly one: the disk has had the time
        if (!asked.empty())
          store();
        reboot(dice() % 2 ? 1'000 : unix_time + dice() % hour);
        break;
      default: break;
    }
    next();
    if (HasFailure())
      FAIL() << i;
  }
}

TEST_F(sequencer_test, reads_what_it_writes) {
  EXPECT_EQ(to_string(event_id{17, 3}), "17-3");
  EXPECT_EQ(parse_event_id("17-3"), (event_id{17, 3}));
  for (auto bad : {"", "17", "17-", "-3", "a-b", "1-2-3", "-1-2"})
    EXPECT_EQ(parse_event_id(bad), std::nullopt) << bad;
}

} // namespace
} // namespace saker::supervision
