#include "keeper/table_image.hpp"

#include "process/ladder.hpp"
#include "process/spawn_hint.hpp"

#include <boost/crc.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace saker::keeper {
namespace {

using namespace std::chrono_literals;
using link::row_state;

const process::boot_id boot{1, 2, 3};

std::string_view view(const record& x) {
  return {x.data(), x.size()};
}

/// Everything at its longest.
entry full_entry() {
  entry x;
  x.key = std::string(63, 'k') + "#999999999";
  x.spawn_id = ~0ull;
  x.kind = link::child_class::job;
  x.state = row_state::exited;
  x.kill = link::kill_mode::leader;
  x.output = link::output_mode::split;
  x.stop = std::string(process::max_ladder, 's');
  x.user = std::string(64, 'u');
  x.who = {boot, 4'026'531'836, 4'194'304, 1ull << 60};
  x.started = 123456789012345ns;
  x.adopted = true;
  x.note = std::string(link::max_note, '\0');
  x.end.kind = link::end_kind::failed;
  x.end.number = 2;
  x.end.core = true;
  x.end.step = "pidfile_unlocked";
  x.end.path = std::string(200, 'p');
  x.end.hint = std::string(process::max_hint, 'h');
  x.end.user = 5us;
  x.end.system = 6us;
  x.end.max_rss = 7;
  x.end.orphans = 8;
  x.end.ended = 9s;
  x.slot = 12;
  return x;
}

entry small_entry() {
  entry x;
  x.key = "a#0";
  x.spawn_id = 1;
  x.state = row_state::running;
  x.who.boot = boot;
  x.who.pid = 77;
  x.slot = 1;
  return x;
}

entry sought_entry() {
  auto x = small_entry();
  x.kind = link::child_class::daemon;
  x.state = row_state::seeking;
  x.end.kind = link::end_kind::signaled;
  x.end.number = 9;
  x.end.ended = 3s;
  return x;
}

void expect_same(const entry& x, const entry& y) {
  EXPECT_EQ(x.key, y.key);
  EXPECT_EQ(x.spawn_id, y.spawn_id);
  EXPECT_EQ(x.kind, y.kind);
  EXPECT_EQ(x.state, y.state);
  EXPECT_EQ(x.kill, y.kill);
  EXPECT_EQ(x.output, y.output);
  EXPECT_EQ(x.stop, y.stop);
  EXPECT_EQ(x.user, y.user);
  EXPECT_EQ(x.who, y.who);
  EXPECT_EQ(x.started, y.started);
  EXPECT_EQ(x.adopted, y.adopted);
  EXPECT_EQ(x.note, y.note);
  EXPECT_EQ(x.end, y.end);
  EXPECT_EQ(x.slot, y.slot);
}

/// With a checksum that fits: what somebody forges.
record sealed(record x) {
  boost::crc_32_type sum;
  sum.process_bytes(x.data(), record_size - 4);
  auto value = static_cast<std::uint32_t>(sum.checksum());
  std::memcpy(x.data() + record_size - 4, &value, 4);
  return x;
}

TEST(table_image_test, a_row_comes_back_as_it_was) {
  for (auto& x : {full_entry(), small_entry(), sought_entry()}) {
    auto y = decode_record(view(encode_record(x, boot)), x.slot);
    ASSERT_TRUE(y) << y.error().detail;
    ASSERT_TRUE(*y);
    expect_same(**y, x);
  }
}

TEST(table_image_test, the_header_comes_back_as_it_was) {
  image_header x{boot, 1ull << 63};
  auto y = decode_header(view(encode_header(x)));
  ASSERT_TRUE(y);
  EXPECT_EQ(*y, x);
}

TEST(table_image_test, zeros_are_an_empty_slot) {
  record nothing{};
  auto x = decode_record(view(nothing), 1);
  ASSERT_TRUE(x);
  EXPECT_FALSE(*x);
}

TEST(table_image_test, every_flipped_bit_is_found) {
  auto good = encode_record(small_entry(), boot);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    EXPECT_FALSE(decode_record(view(bad), 1)) << i;
  }
}

TEST(table_image_test, a_record_that_is_cut_is_refused) {
  auto good = encode_record(small_entry(), boot);
  for (std::size_t size = 1; size < good.size(); size += 31)
    EXPECT_FALSE(decode_record(view(good).substr(0, size), 1)) << size;
}

TEST(table_image_test, a_row_knows_its_boot_without_the_header) {
  auto x = small_entry();
  x.state = row_state::queued;
  x.who = {}; // not forked yet
  auto y = decode_record(view(encode_record(x, boot)), 1);
  ASSERT_TRUE(y && *y);
  EXPECT_EQ((*y)->who.boot, boot);
}

TEST(table_image_test, forged_bytes_are_harmless) {
  // With a checksum that fits, so that every field is reached.
  std::mt19937 random{1};
  for (auto i = 0; i < 20'000; ++i) {
    auto x = encode_record(full_entry(), boot);
    for (auto n = 0; n < 1 + i % 5; ++n)
      x[4 + random() % (record_size - 8)] = static_cast<char>(random());
    auto y = decode_record(view(sealed(x)), 1);
    if (y && *y) {
      EXPECT_TRUE(link::is_key((*y)->key));
      EXPECT_LE((*y)->note.size(), link::max_note);
    }
  }
}

TEST(table_image_test, rows_that_no_keeper_writes_are_refused) {
  auto refused = [](auto change) {
    auto x = small_entry();
    change(x);
    auto y = decode_record(view(encode_record(x, boot)), 1);
    return !y && y.error().code == errc::corrupt;
  };
  EXPECT_FALSE(refused([](entry&) {}));
  EXPECT_TRUE(refused([](entry& x) { x.key = "../etc"; }));
  EXPECT_TRUE(refused([](entry& x) { x.who.pid = -1; }));
  EXPECT_TRUE(refused([](entry& x) { x.who.pid = 1; }));
  EXPECT_TRUE(refused([](entry& x) { x.who.pid = 0; }));
  EXPECT_TRUE(refused([](entry& x) { x.spawn_id = 0; }));
  EXPECT_TRUE(refused([](entry& x) { x.state = row_state::idle; }));
  EXPECT_TRUE(refused([](entry& x) { x.state = row_state::seeking; }));
}

TEST(table_image_test, a_header_is_no_row_and_a_row_no_header) {
  EXPECT_FALSE(decode_record(view(encode_header({boot, 1})), 1));
  EXPECT_FALSE(decode_header(view(encode_record(small_entry(), boot))));
}

} // namespace
} // namespace saker::keeper
