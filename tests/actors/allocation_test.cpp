// What SVSTATUS of one service takes from the heap beyond its messages, which
// CAF makes anew each time.
#include "tests/support/counted_heap.hpp"

#ifdef SAKER_COUNTED_HEAP

#include "actors/status_board.hpp"
#include "actors/stopwatch.hpp"
#include "tests/support/roster_world.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace saker {
namespace {

using namespace std::chrono_literals;

class status_allocation_test : public test::roster_world {
protected:
  /// Allocations for SVSTATUS of one of so many services: of the question, the
  /// ROSTER, its answer and this test.
  std::size_t cost_among(std::size_t count) {
    mute = true;
    std::vector<std::shared_ptr<supervision::service>> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back(make_service("s" + std::to_string(i)));
    begin(std::move(all));
    EXPECT_EQ(say({"SVSTATUS", "s5"}).items().size(), 1u);
    return test::allocations_of([this] { say({"SVSTATUS", "s5"}); });
  }

  /// All that SVSTATUS of one takes: 18, of which docs/performance.md tells.
  static constexpr std::size_t most = 20;
};

TEST_F(status_allocation_test, is_none_where_the_board_tells) {
  begin({make_service("web"), make_service("db")});
  keeper.confirm("web#0");
  settle();
  auto at = coordinator().clock().now();
  session::moment now{
    at, std::chrono::system_clock::time_point{
          std::chrono::duration_cast<std::chrono::system_clock::duration>(
            at.time_since_epoch())}};
  std::string text;
  auto look = [&] {
    text.clear();
    EXPECT_TRUE(links->board->tell("web", now, {text, resp::protocol::resp2}));
  };
  look();
  EXPECT_EQ(test::allocations_of(look), 0u);
  EXPECT_GT(text.size(), 100u);
}

TEST_F(status_allocation_test, is_that_of_one_among_few) {
  auto cost = cost_among(8);
  EXPECT_LE(cost, most);
  EXPECT_GT(cost, 0u) << "or it measures nothing";
}

TEST_F(status_allocation_test, is_not_more_among_many) {
  auto among_many = cost_among(200);
  for (auto* x : {"s5", "s199"})
    EXPECT_LE(test::allocations_of([&] { say({"SVSTATUS", x}); }), among_many);
  EXPECT_LE(among_many, most);
}

/// A command of a client while the slow log is on.
command_call measured_call(const std::shared_ptr<session::slow_log>& log) {
  command_call x;
  x.what.command = resp::find_command("svstatus");
  x.what.args = {"SVSTATUS", "a-service-with-a-name-beyond-a-small-string"};
  x.origin = {log, "127.0.0.1:4711", "me"};
  return x;
}

TEST(stopwatch_test, takes_nothing_for_a_handler_that_only_reads) {
  session::slow_log::time_point now;
  auto log = std::make_shared<session::slow_log>(
    10ms, 10, session::slow_log_clocks{[&now] { return now; }});
  auto call = measured_call(log);
  EXPECT_EQ(test::allocations_of([&] { stopwatch time{std::as_const(call)}; }),
            0u);
  EXPECT_GT(test::allocations_of([&] { stopwatch time{call}; }), 0u)
    << "who may take the words apart has them copied";
  EXPECT_EQ(log->size(), 0u);
}

TEST(stopwatch_test, shows_what_was_slow_though_nothing_was_copied_before) {
  session::slow_log::time_point now;
  auto log = std::make_shared<session::slow_log>(
    10ms, 10, session::slow_log_clocks{[&now] { return now += 10ms; }});
  auto call = measured_call(log);
  { stopwatch time{std::as_const(call)}; }
  ASSERT_EQ(log->size(), 1u);
  auto entry = log->newest()[0];
  EXPECT_EQ(entry.words, call.what.args);
  EXPECT_EQ(entry.took, 10ms);
  EXPECT_EQ(entry.client, "me");
  log->set_slower_than(11ms);
  { stopwatch time{std::as_const(call)}; }
  EXPECT_EQ(log->size(), 1u);
}

TEST(stopwatch_test, tells_latency_what_took_as_long_as_its_threshold) {
  session::slow_log::time_point now;
  auto log = std::make_shared<session::slow_log>(
    -1us, 0, session::slow_log_clocks{[&now] { return now += 15ms; }});
  auto call = measured_call(log);
  { stopwatch time{std::as_const(call)}; }
  EXPECT_TRUE(log->latencies().all().empty());
  log->latencies().set_threshold(10ms);
  { stopwatch time{std::as_const(call)}; }
  EXPECT_EQ(log->latencies().find("command")->longest, 15);
}

} // namespace
} // namespace saker

#endif
