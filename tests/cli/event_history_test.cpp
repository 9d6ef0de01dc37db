#include "cli/event_history.hpp"

#include "cli/since.hpp"
#include "tests/cli/verb_test.hpp"

#include <ctime>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;

class event_history_test : public verb_test {
protected:
  event_history_test() {
    asked.what = verb::events;
    asked.since = "10s";
    asked.json = true;
  }

  static std::string payload(int ms, const std::string& node = "n") {
    return R"({"id":")" + std::to_string(ms) + R"(-0","ts":)"
           + std::to_string(ms) + R"(,"node":")" + node
           + R"(","service":"web","event":"exit"})";
  }

  void expect_time() {
    server.expect({"TIME"}, resp::array{{"101", "500000"}});
  }

  static resp::value
  node(const std::string& name, const std::string& state = "up") {
    return resp::map{}.add("name", name).add("state", state);
  }

  void expect_nodes(std::vector<resp::value> all = {node("n")}) {
    server.expect({"NODES"}, resp::array{std::move(all)});
  }

  void expect_life(const std::string& since,
                   const std::vector<std::string>& payloads,
                   const std::string& mask = "*") {
    resp::array all;
    for (auto& x : payloads)
      all.items.emplace_back(x);
    server.expect({"SVLIFE", mask, "COUNT", "1000", "SINCE", since, "JSON"},
                  std::move(all));
  }
};

TEST_F(event_history_test, shows_what_has_happened_and_ends) {
  expect_time();
  expect_nodes();
  expect_life("91500", {payload(95), payload(96)});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), payload(95) + "\n" + payload(96) + "\n");
}

TEST_F(event_history_test, tells_the_day_to_people) {
  asked.json = false;
  asked.since = "95-7";
  expect_nodes();
  expect_time();
  expect_nodes();
  expect_life("95-7", {payload(96)});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), local_day(96) + " 96 web exit\n");
}

TEST_F(event_history_test, goes_on_and_shows_nothing_twice) {
  asked.follow = true;
  server.expect_all({"PSUBSCRIBE", "saker:*"},
                    {resp::push{{"psubscribe", "saker:*", 1}},
                     event(payload(96)), event(payload(97))});
  expect_time();
  expect_nodes();
  expect_life("91500", {payload(95), payload(96)});
  server.push_later(1h, event(payload(98)));
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), payload(95) + "\n" + payload(96) + "\n" + payload(97)
                         + "\n" + payload(98) + "\n");
}

TEST_F(event_history_test, reads_on_from_where_a_piece_ended) {
  expect_time();
  expect_nodes();
  std::vector<std::string> many;
  for (auto i = 1; i <= 1000; ++i)
    many.push_back(payload(i));
  expect_life("91500", many);
  expect_life("1000-0", {payload(1001)});
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(out.str().ends_with(payload(1000) + "\n" + payload(1001) + "\n"));
}

TEST_F(event_history_test, joins_the_nodes_by_time_and_names_who_is_missing) {
  expect_time();
  expect_nodes({node("n"), node("n2"), node("n3", "dead")});
  expect_life("91500", {payload(1), payload(3)});
  expect_life("91500", {payload(2, "n2")}, "*@n2");
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(),
            payload(1) + "\n" + payload(2, "n2") + "\n" + payload(3) + "\n");
  EXPECT_EQ(err.str(), "saker: events: what happened on node \"n3\" cannot be "
                       "shown: it cannot be reached\n");
}

TEST_F(event_history_test, asks_another_node_once_more_when_it_knows_of_us) {
  asked.follow = true;
  expect_events();
  expect_time();
  expect_nodes({node("n"), node("n2")});
  expect_life("91500", {});
  expect_life("91500", {payload(2, "n2")}, "*@n2");
  expect_life("2-0", {payload(3, "n2")}, "*@n2");
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), payload(2, "n2") + "\n" + payload(3, "n2") + "\n");
}

TEST_F(event_history_test, shows_what_happened_while_the_node_started_again) {
  asked.follow = true;
  expect_events();
  expect_time();
  expect_nodes();
  expect_life("91500", {payload(95)});
  server.close_after(1s);
  server.expect_hello();
  expect_events();
  expect_nodes();
  expect_life("95-0", {payload(96)});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), payload(95) + "\n" + payload(96) + "\n");
  EXPECT_EQ(err.str().find("not shown"), std::string::npos) << err.str();
}

TEST(since_test, reads_what_people_write) {
  constexpr std::int64_t now = 1'764'335'400'000;
  EXPECT_EQ(*since_argument("10m", now), std::to_string(now - 600'000));
  EXPECT_EQ(*since_argument("5-3", now), "5-3");
  EXPECT_EQ(*since_argument("1764300000000", now), "1764300000000");
  std::tm day{};
  day.tm_year = 125;
  day.tm_mon = 10;
  day.tm_mday = 20;
  day.tm_isdst = -1;
  auto midnight = std::mktime(&day) * 1000LL;
  EXPECT_EQ(*since_argument("2025-11-20", now), std::to_string(midnight));
  auto later = std::to_string(midnight + 13 * 3'600'000 + 5 * 60'000);
  EXPECT_EQ(*since_argument("2025-11-20 13:05", now), later);
  EXPECT_EQ(*since_argument("2025-11-20T13:05:00", now), later);
  // The last one, never one to come.
  auto at = std::stoll(*since_argument("13:05", now));
  EXPECT_LE(at, now);
  EXPECT_GT(at, now - 25 * 3'600'000LL);
  EXPECT_EQ(local_day(midnight), "2025-11-20");
}

TEST(since_test, says_what_may_be_written) {
  for (auto text : {"", "yesterday", "25:00", "-5", "2025-13-01"}) {
    auto x = since_argument(text, 1'764'335'400'000);
    ASSERT_FALSE(x) << text;
    EXPECT_NE(x.error().detail.find("write 10m (ago)"), std::string::npos);
  }
}

} // namespace
} // namespace saker::cli
