#include "session/command_statistics.hpp"

#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace std::chrono_literals;
using resp::command_id;

/// A clock that goes on by 1 µs with each look.
command_statistics::time_point ticking() {
  static auto now = command_statistics::time_point{};
  return now += 1us;
}

/// One client whose commands are counted.
struct counted_client {
  counted_client() {
    client.uut.count_in(counts);
  }

  std::string say(std::string_view bytes) {
    return client.feed(bytes);
  }

  const command_figures& of(command_id what) const {
    return counts.figures(what);
  }

  command_statistics counts{false, ticking};
  test::world client;
};

TEST(command_statistics_test, counts_what_was_carried_out) {
  counted_client x;
  x.say("PING\r\nPING\r\nCLIENT ID\r\nPING\r\n");
  EXPECT_EQ(x.of(command_id::ping).calls, 3u);
  EXPECT_EQ(x.of(command_id::client_id).calls, 1u);
  EXPECT_EQ(x.of(command_id::ping).failed, 0u);
  EXPECT_EQ(x.counts.all_errors(), 0u);
  EXPECT_FALSE(x.of(command_id::echo).used());
}

TEST(command_statistics_test, keeps_what_failed_and_what_was_refused_apart) {
  counted_client x;
  x.say("SELECT 77\r\nSELECT\r\nPING a b\r\nNOSUCH\r\nCLIENT FOO\r\n");
  EXPECT_EQ(x.of(command_id::select).calls, 1u);
  EXPECT_EQ(x.of(command_id::select).failed, 1u);
  EXPECT_EQ(x.of(command_id::select).rejected, 1u);
  EXPECT_EQ(x.of(command_id::ping).calls, 1u);
  EXPECT_EQ(x.of(command_id::ping).failed, 1u);
  EXPECT_FALSE(x.of(command_id::client).used());
  EXPECT_EQ(x.counts.all_errors(), 5u);
  EXPECT_EQ(error_lines(x.counts), "errorstat_ERR:count=5\r\n");
}

TEST(command_statistics_test, counts_errors_by_their_first_word) {
  auto config = test::default_settings();
  test::set_user(config, "default", {">secret"});
  config.auth_delay = 100ms;
  test::world client{std::move(config)};
  command_statistics counts{false, ticking};
  client.uut.count_in(counts);
  client.feed("PING\r\nAUTH bad\r\nHELLO 9\r\n*x\r\n");
  EXPECT_EQ(error_lines(counts),
            "errorstat_ERR:count=1\r\nerrorstat_NOAUTH:count=1\r\n"
            "errorstat_NOPROTO:count=1\r\nerrorstat_WRONGPASS:count=1\r\n");
  EXPECT_EQ(counts.figures(command_id::ping).rejected, 1u);
  EXPECT_EQ(counts.figures(command_id::auth).failed, 1u);
}

TEST(command_statistics_test, takes_no_text_of_a_script_for_a_code) {
  command_statistics counts{false, ticking};
  counts.error(std::string(5'000'000, 'x'));
  EXPECT_EQ(error_lines(counts), "errorstat_ERR:count=1\r\n");
}

TEST(command_statistics_test, counts_errors_that_nobody_reads) {
  counted_client x;
  x.say("CLIENT REPLY OFF\r\nSELECT 77\r\nPING\r\n");
  EXPECT_EQ(x.of(command_id::select).failed, 1u);
  EXPECT_EQ(x.counts.all_errors(), 1u);
}

TEST(command_statistics_test, counts_what_others_carry_out_once_it_is_done) {
  counted_client x;
  x.client.answers = false;
  x.client.now.steady = ticking();
  x.say("INFO\r\nINFO\r\n");
  EXPECT_EQ(x.of(command_id::info).calls, 0u);
  auto first = x.client.take<request>();
  auto second = x.client.take<request>();
  x.client.uut.answer(first.id, resp::value{"text"});
  EXPECT_EQ(x.of(command_id::info).calls, 1u);
  x.client.uut.answer(second.id, resp::err("no"));
  EXPECT_EQ(x.of(command_id::info).calls, 2u);
  EXPECT_EQ(x.of(command_id::info).failed, 1u);
  EXPECT_GT(x.of(command_id::info).time, 0us);
}

TEST(command_statistics_test, counts_what_another_node_failed_to_do) {
  counted_client x;
  x.client.answers = false;
  x.say("CALL greet@n2\r\nCALL greet@n2\r\n");
  EXPECT_EQ(x.of(command_id::call).calls, 0u);
  auto first = x.client.take<request>();
  auto second = x.client.take<request>();
  x.client.uut.answer(first.id, resp::err("no such node"));
  x.client.uut.answer(second.id, resp::value{"hello"});
  EXPECT_EQ(x.of(command_id::call).calls, 2u);
  EXPECT_EQ(x.of(command_id::call).failed, 1u);
  EXPECT_EQ(x.counts.all_errors(), 1u);
}

TEST(command_statistics_test, does_not_count_the_time_of_those_who_wait) {
  counted_client x;
  x.say("SVWAIT a running 1000\r\n");
  EXPECT_EQ(x.of(command_id::svwait).calls, 1u);
  EXPECT_EQ(x.of(command_id::svwait).time, 0us);
}

TEST(command_statistics_test, looks_at_the_clock_once_for_equal_commands) {
  counted_client x;
  x.client.now.steady = ticking();
  x.say("PING\r\nPING\r\nPING\r\nPING\r\n");
  EXPECT_EQ(x.of(command_id::ping).time, 1us);
  x.client.now.steady = ticking();
  x.say("ECHO a\r\nTIME\r\nECHO b\r\n");
  EXPECT_EQ(x.of(command_id::echo).time, 2us);
  EXPECT_EQ(x.of(command_id::time).time, 1us);
}

TEST(command_statistics_test, counts_the_commands_of_a_transaction_when_run) {
  counted_client x;
  x.say("MULTI\r\nPING\r\nSELECT 77\r\n");
  EXPECT_FALSE(x.of(command_id::ping).used());
  x.say("EXEC\r\n");
  EXPECT_EQ(x.of(command_id::multi).calls, 1u);
  EXPECT_EQ(x.of(command_id::exec).calls, 1u);
  EXPECT_EQ(x.of(command_id::ping).calls, 1u);
  EXPECT_EQ(x.of(command_id::select).failed, 1u);
}

TEST(command_statistics_test, tells_all_as_redis_does) {
  command_statistics x;
  x.called(command_id::ping, 2, 5us);
  x.called(command_id::client_id, 1, 3500ns);
  x.rejected(command_id::echo);
  EXPECT_EQ(command_lines(x),
            "cmdstat_client|id:calls=1,usec=3,usec_per_call=3.50,"
            "rejected_calls=0,failed_calls=0\r\n"
            "cmdstat_echo:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,"
            "failed_calls=0\r\n"
            "cmdstat_ping:calls=2,usec=5,usec_per_call=2.50,rejected_calls=0,"
            "failed_calls=0\r\n");
  x.reset();
  EXPECT_EQ(command_lines(x), "");
  EXPECT_EQ(latency_lines(x), "");
}

TEST(command_statistics_test, adds_up_what_several_counted) {
  command_statistics one, two{true};
  one.called(command_id::ping, 1, 1us);
  two.called(command_id::ping, 2, 2us);
  two.error("ERR");
  one.add(two);
  EXPECT_EQ(one.figures(command_id::ping).calls, 3u);
  EXPECT_EQ(one.figures(command_id::ping).time, 3us);
  EXPECT_EQ(one.latencies(command_id::ping)->calls(), 3u);
  EXPECT_EQ(one.errors().at("ERR"), 1u);
}

TEST(command_statistics_test, does_not_remember_endless_words_of_errors) {
  command_statistics x;
  for (auto i = 0; i < 200; ++i)
    x.error("E" + std::to_string(i));
  EXPECT_EQ(x.errors().size(), 100u);
  EXPECT_EQ(x.all_errors(), 200u);
}

TEST(latency_histogram_test, tells_percentiles_to_an_eighth) {
  latency_histogram x;
  EXPECT_EQ(x.percentile(50), 0ns);
  x.add(1us, 90);
  x.add(100us, 9);
  x.add(3h, 1); // more than it knows
  auto near = [](std::chrono::nanoseconds found, std::chrono::nanoseconds is) {
    return found <= is && found >= is * 7 / 8;
  };
  EXPECT_TRUE(near(x.percentile(50), 1us)) << x.percentile(50).count();
  EXPECT_TRUE(near(x.percentile(99), 100us)) << x.percentile(99).count();
  EXPECT_GT(x.percentile(100), 1min);
  x.add(0ns, 1); // is as good as 1 ns
  EXPECT_EQ(x.calls(), 101u);
}

} // namespace
} // namespace saker::session
