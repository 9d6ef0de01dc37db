#include "supervision/note.hpp"

#include <gtest/gtest.h>

#include <random>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto now = time_point{5000s};
constexpr auto offset = duration{123456789123};

note full() {
  note x;
  x.at = state::backoff;
  x.ready = true;
  x.wanted_up = true;
  x.again = true;
  x.half_open = true;
  x.paused = true;
  x.dropped = true;
  x.idle = true;
  x.spawn_id = 77;
  x.ended_spawn = 76;
  x.ended_event = {1'700'000'000'000, 12};
  x.pid = 4107;
  x.since = now - 3s;
  x.started = now - 2s;
  x.deadline = now + 7s;
  x.rung = 2;
  x.restarts = 99;
  x.recent.add(now - 8min);
  x.recent.add(now - 1min);
  x.backoff_step = 5;
  x.marks = {{now - 20s, 1}, {now - 4s, 3}};
  x.pending = {cause::kind::unhealthy, 0, false};
  x.last = cause::signaled(11, true);
  x.last_at = now - 4s;
  x.reason = "exit 1 after 20ms";
  return x;
}

TEST(note_test, survives_as_bytes) {
  auto bytes = encode(full(), now, offset);
  auto copy = decode(bytes, offset);
  ASSERT_TRUE(copy);
  EXPECT_EQ(*copy, full());
  EXPECT_EQ(*decode(encode(note{}, now, offset), offset), note{});
}

TEST(note_test, follows_the_clock_that_goes_on_during_sleep) {
  // The machine slept for an hour: the steady clock did not see it.
  auto copy = decode(encode(full(), now, offset), offset + 1h);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->since, now - 3s - 1h);
  EXPECT_EQ(copy->deadline, now + 7s - 1h);
}

TEST(note_test, never_takes_more_than_256_bytes) {
  note x = full();
  x.spawn_id = x.ended_spawn = UINT64_MAX;
  x.ended_event = {UINT64_MAX, UINT64_MAX};
  x.pid = INT32_MAX;
  x.since = now - 10'000h;
  x.started = now - 10'000h;
  x.deadline = now + 10'000h;
  x.rung = 33;
  x.restarts = x.backoff_step = UINT32_MAX;
  std::array<std::uint16_t, tally::slices> counts;
  counts.fill(UINT16_MAX);
  x.recent.restore(now - 1h, counts);
  x.last = x.pending = {cause::kind::exec, INT32_MIN, true};
  x.last_at = now - 10'000h;
  x.marks.clear();
  for (auto i = 0; i < 16; ++i)
    x.marks.push_back({now - 720h + i * 1h, 1000});
  x.reason = std::string(5000, 'x');
  auto bytes = encode(x, now, offset);
  EXPECT_LE(bytes.size(), note::max_size);
  auto copy = decode(bytes, offset);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->spawn_id, x.spawn_id);
  EXPECT_EQ(copy->ended_event, x.ended_event);
  EXPECT_EQ(copy->recent, x.recent);
  auto total = 0;
  for (auto& mark : copy->marks)
    total += mark.count;
  EXPECT_EQ(total, 16'000); // merged, not dropped
}

TEST(note_test, of_a_usual_instance_is_short) {
  auto x = full();
  x.reason.clear();
  EXPECT_LE(encode(x, now, offset).size(), 100u);
}

TEST(note_test, cut_off_or_foreign_bytes_are_refused) {
  auto bytes = encode(full(), now, offset);
  auto reason = full().reason.size();
  for (std::size_t i = 0; i < bytes.size() - reason; ++i) {
    auto copy = decode(std::string_view{bytes}.substr(0, i), offset);
    ASSERT_FALSE(copy) << i;
    EXPECT_EQ(copy.error().code, errc::corrupt);
  }
  bytes[0] = 2; // another version
  EXPECT_FALSE(decode(bytes, offset));
  EXPECT_FALSE(decode(std::string(300, '\1'), offset));
}

TEST(note_test, random_bytes_do_no_harm) {
  std::mt19937 random{1};
  for (auto i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 257, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    if (!bytes.empty())
      bytes[0] = 1;
    if (auto x = decode(bytes, offset)) {
      ASSERT_LT(static_cast<std::size_t>(x->at), state_count);
    }
  }
}

} // namespace
} // namespace saker::supervision
