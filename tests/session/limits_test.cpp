// What a client can make the node hold, before anything is known of it.
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

constexpr std::size_t piece = 16 * 1024; // of one read
constexpr std::size_t ahead = 64 * 1024;

test::world unknown() {
  auto config = test::default_settings();
  test::set_user(config, "default", {">secret"});
  return test::world{std::move(config)};
}

std::string bulk(std::size_t size) {
  return '$' + std::to_string(size) + "\r\n" + std::string(size, 'x') + "\r\n";
}

/// Bytes that are read of an endless line of PINGs.
std::size_t read_of_pings(test::world& x) {
  std::string some;
  while (some.size() < piece)
    some += "PING\r\n";
  std::size_t all = 0;
  while (x.uut.wants_input() && all < 100 * piece) {
    x.feed(some);
    all += some.size();
  }
  return all;
}

TEST(limits_test, an_announcement_costs_nothing) {
  test::world x;
  x.feed("*2147483647\r\n$536870912\r\n");
  EXPECT_FALSE(x.cut_off);
  EXPECT_LT(x.uut.figures(x.now).memory, 10'000u);
}

TEST(limits_test, a_command_of_an_unknown_client_is_small) {
  auto x = unknown();
  std::string largest = "*10\r\n";
  for (auto i = 0; i < 10; ++i)
    largest += bulk(16'384);
  for (std::size_t at = 0; at + 1 < largest.size(); at += piece)
    x.feed(std::string_view{largest}.substr(
      at, std::min(piece, largest.size() - 1 - at)));
  EXPECT_LT(x.uut.figures(x.now).query_buffer, 200'000u);
  EXPECT_EQ(x.feed("\n").substr(0, 5), "-ERR ");
  EXPECT_EQ(x.feed("*1\r\n$16385\r\n"),
            "-ERR Protocol error: unauthenticated bulk length\r\n");
}

TEST(limits_test, an_unknown_client_that_reads_nothing_is_not_read_for_long) {
  auto x = unknown();
  EXPECT_EQ(x.uut.reply_pause(), ahead);
  x.uut.pause(true); // as much is unsent
  EXPECT_EQ(read_of_pings(x), 0u);
}

TEST(limits_test, little_is_read_behind_commands_that_are_held) {
  test::world x;
  x.uut.suspend(suspension::all);
  EXPECT_LT(read_of_pings(x), ahead + 2 * piece);
}

TEST(limits_test, a_client_that_never_ends_its_command_is_cut_off) {
  auto config = test::default_settings();
  config.query_buffer = 100'000;
  test::world x{std::move(config)};
  x.feed("*2\r\n$4\r\nECHO\r\n$1000000\r\n");
  for (auto i = 0; i < 10 && !x.closed; ++i)
    EXPECT_EQ(x.feed(std::string(piece, 'x')), "");
  EXPECT_TRUE(x.cut_off);
  EXPECT_EQ(x.reason, "the query buffer is full");
}

} // namespace
} // namespace saker::session
