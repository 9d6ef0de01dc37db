#include "session/latency_monitor.hpp"

#include "session/latency_events.hpp"
#include "session/slow_log.hpp"
#include "session/sparkline.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace std::chrono_literals;
using samples = std::deque<latency_monitor::sample>;

class latency_monitor_test : public testing::Test {
protected:
  latency_monitor_test() {
    uut.set_threshold(10ms);
  }

  samples samples_of(std::string_view name) {
    auto x = uut.find(name);
    return x ? x->samples : samples{};
  }

  std::string
  reply(resp::command_id what, std::vector<std::string_view> words) {
    std::string text;
    words.insert(words.begin(), {"LATENCY", "X"});
    EXPECT_TRUE(
      append_latency_events({text, resp::protocol::resp2}, what, words, uut));
    return text;
  }

  std::int64_t now = 1000;
  latency_monitor uut{[this] {
    return std::chrono::system_clock::time_point{std::chrono::seconds{now}};
  }};
};

TEST_F(latency_monitor_test, keeps_the_longest_of_each_second) {
  uut.note("command", 9'999us); // is not worth it
  EXPECT_FALSE(uut.find("command"));
  uut.note("command", 10ms);
  uut.note("command", 12'900us);
  uut.note("command", 11ms);
  now = 1003;
  uut.note("command", 20ms);
  uut.note("fast-command", 30ms);
  EXPECT_EQ(samples_of("command"), (samples{{1000, 12}, {1003, 20}}));
  EXPECT_EQ(uut.find("command")->longest, 20);
  for (auto i = 0; i < 200; ++i) {
    ++now;
    uut.note("command", 10ms);
  }
  EXPECT_EQ(samples_of("command").size(), latency_monitor::most_samples);
  EXPECT_EQ(samples_of("command").back().at, now);
  EXPECT_EQ(uut.find("command")->longest, 20);
}

TEST_F(latency_monitor_test, a_threshold_of_zero_switches_it_off) {
  uut.set_threshold(0ms);
  EXPECT_FALSE(uut.enabled());
  uut.note("command", 10s);
  EXPECT_TRUE(uut.all().empty());
}

TEST_F(latency_monitor_test, answers_as_redis_does) {
  using id = resp::command_id;
  EXPECT_EQ(reply(id::latency_latest, {}), "*0\r\n");
  EXPECT_EQ(reply(id::latency_history, {"command"}), "*0\r\n");
  uut.note("command", 30ms);
  now = 1001;
  uut.note("command", 20ms);
  EXPECT_EQ(reply(id::latency_latest, {}),
            "*1\r\n*4\r\n$7\r\ncommand\r\n:1001\r\n:20\r\n:30\r\n");
  EXPECT_EQ(reply(id::latency_history, {"command"}),
            "*2\r\n*2\r\n:1000\r\n:30\r\n*2\r\n:1001\r\n:20\r\n");
  EXPECT_EQ(reply(id::latency_graph, {"x"}),
            "-ERR No samples available for event 'x'\r\n");
  auto graph = reply(id::latency_graph, {"command"});
  EXPECT_NE(graph.find("command - high 30 ms, low 20 ms (all time high 30 ms)"
                       "\n-------"),
            graph.npos)
    << graph;
  EXPECT_EQ(reply(id::latency_reset, {"x", "command"}), ":1\r\n");
  EXPECT_EQ(reply(id::latency_reset, {}), ":0\r\n");
}

TEST_F(latency_monitor_test, advises_whoever_asks_the_doctor) {
  using id = resp::command_id;
  auto says = [this](std::string_view part) {
    return reply(id::latency_doctor, {}).find(part) != std::string::npos;
  };
  EXPECT_TRUE(says("Nothing took longer than latency-monitor-threshold"));
  for (auto ms : {16ms, 54ms, 55ms, 36ms, 23ms}) {
    uut.note("command", ms);
    now += 4;
  }
  EXPECT_TRUE(says("1. command: 5 latency spikes (average 36ms, mean deviation "
                   "14ms, period 4.00 sec). Worst all time event 55ms."));
  uut.forget({});
  uut.set_threshold(0ms);
  EXPECT_TRUE(says("CONFIG SET latency-monitor-threshold MILLISECONDS"));
}

TEST(sparkline_test, draws_as_redis_does) {
  EXPECT_EQ(
    sparkline({{16, "17s"}, {54, "14s"}, {55, "11s"}, {36, "7s"}, {23, "4s"}}),
    " ##  \n"
    " ||_ \n"
    " ||| \n"
    "_|||#\n"
    "     \n"
    "11174\n"
    "741ss\n"
    "sss  \n");
  EXPECT_EQ(sparkline({{5, "1s"}}), " \n \n \n_\n \n1\ns\n");
  EXPECT_EQ(sparkline({}), "");
  std::vector<std::pair<std::int64_t, std::string>> many(100, {1, "1s"});
  auto text = sparkline(many);
  EXPECT_NE(text.find(std::string(80, '_') + '\n'), text.npos);
  EXPECT_NE(text.find('\n' + std::string(20, '_') + '\n'), text.npos);
}

TEST(latency_of_commands_test, slow_ones_are_events_by_their_kind) {
  slow_log::time_point steady;
  auto config = test::default_settings();
  config.slow = std::make_shared<slow_log>(
    -1us, 0, slow_log_clocks{[&steady] { return steady += 15ms; }});
  auto& latencies = config.slow->latencies();
  test::world x{std::move(config)};
  x.feed("PING\r\n"); // nobody wants to know
  EXPECT_TRUE(latencies.all().empty());
  latencies.set_threshold(10ms);
  x.now.steady = steady;
  x.feed("PING\r\nCOMMAND COUNT\r\n");
  EXPECT_EQ(latencies.find("fast-command")->longest, 15);
  EXPECT_EQ(latencies.find("command")->longest, 15);
  EXPECT_EQ(x.feed("LATENCY RESET command\r\n"), ":1\r\n");
}

} // namespace
} // namespace saker::session
