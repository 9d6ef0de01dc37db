#include "pubsub/index.hpp"

#include "tests/pubsub/deliveries.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace saker::pubsub {
namespace {

using namespace test;
using enum subscription_kind;

TEST(index_test, delivers_in_order_of_subscription_then_to_patterns) {
  index x;
  x.subscribe(3, pattern, "n*");
  x.subscribe(2, channel, "news");
  x.subscribe(1, channel, "news");
  x.subscribe(3, channel, "news");
  EXPECT_EQ(deliveries(x, "news"), (list{":2", ":1", ":3", "n*:3"}));
  EXPECT_EQ(deliveries(x, "nothing"), (list{"n*:3"}));
  EXPECT_EQ(deliveries(x, "other"), list{});
}

TEST(index_test, keeps_the_order_when_some_leave) {
  index x;
  for (subscriber_id id = 0; id < 100; ++id)
    x.subscribe(id, channel, "c");
  for (subscriber_id id = 0; id < 100; ++id)
    if (id % 10 != 3) {
      EXPECT_TRUE(x.unsubscribe(id, channel, "c"));
    }
  x.subscribe(7, channel, "c");
  EXPECT_EQ(deliveries(x, "c"), (list{":3", ":13", ":23", ":33", ":43", ":53",
                                      ":63", ":73", ":83", ":93", ":7"}));
}

TEST(index_test, counts_a_subscription_once) {
  index x;
  EXPECT_TRUE(x.subscribe(1, channel, "c"));
  EXPECT_FALSE(x.subscribe(1, channel, "c"));
  EXPECT_TRUE(x.subscribe(1, pattern, "c")); // another kind
  EXPECT_EQ(x.find(1)->subscriptions(), 2u);
  EXPECT_TRUE(x.unsubscribe(1, channel, "c"));
  EXPECT_FALSE(x.unsubscribe(1, channel, "c"));
  EXPECT_FALSE(x.unsubscribe(9, channel, "c"));
  EXPECT_EQ(deliveries(x, "c"), (list{"c:1"}));
}

TEST(index_test, keeps_shards_and_channels_apart) {
  index x;
  EXPECT_TRUE(x.subscribe(1, channel, "c"));
  EXPECT_TRUE(x.subscribe(2, shard, "c"));
  EXPECT_TRUE(x.subscribe(3, pattern, "*"));
  EXPECT_EQ(deliveries(x, "c"), (list{":1", "*:3"}));
  EXPECT_EQ(deliveries(x, "c", shard), (list{":2"}));
  EXPECT_EQ(x.channel_count(), 1u);
  EXPECT_EQ(x.shard_count(), 1u);
  EXPECT_EQ(x.channel_size("c", shard), 1u);
  EXPECT_FALSE(x.unsubscribe(2, channel, "c"));
  EXPECT_TRUE(x.unsubscribe(2, shard, "c"));
  EXPECT_EQ(x.shard_count(), 0u);
  EXPECT_EQ(x.channel_size("c"), 1u);
}

TEST(index_test, tells_other_nodes_nothing_of_those_who_monitor) {
  index x;
  x.watch_sizes();
  x.subscribe(1, monitor, "");
  x.subscribe(1, shard, "s");
  EXPECT_EQ(x.take_sizes(), (std::vector<topic_count>{{shard, "s", 1}}));
  EXPECT_EQ(x.all_sizes(), (std::vector<topic_count>{{shard, "s", 1}}));
}

TEST(index_test, reads_no_output_for_a_shard_of_its_name) {
  index x;
  x.observe("log:");
  x.subscribe(1, shard, "log:n:web");
  x.unsubscribe(1, shard, "log:n:web");
  EXPECT_TRUE(x.take_changes().empty());
}

TEST(index_test, forgets_topics_that_nobody_wants) {
  index x;
  x.subscribe(1, channel, "a");
  x.subscribe(1, channel, "");
  x.subscribe(1, pattern, "a*");
  x.subscribe(2, pattern, "a*");
  x.subscribe(2, pattern, "b*");
  EXPECT_EQ(x.channel_count(), 2u);
  EXPECT_EQ(x.pattern_count(), 2u); // unique ones
  x.drop(1);
  EXPECT_EQ(x.find(1), nullptr);
  EXPECT_EQ(x.channel_count(), 0u);
  EXPECT_EQ(x.pattern_count(), 2u);
  x.unsubscribe_all(2);
  EXPECT_NE(x.find(2), nullptr);
  EXPECT_EQ(x.pattern_count(), 0u);
  x.drop(9); // was never there
}

TEST(index_test, remembers_who_comes_first_and_leaves_last_below_a_prefix) {
  index x;
  x.subscribe(1, channel, "log:before");
  x.observe("log:");
  EXPECT_TRUE(x.take_changes().empty());
  x.subscribe(1, channel, "log:n:web");
  x.subscribe(2, channel, "log:n:web");
  x.subscribe(1, channel, "logs");
  x.subscribe(1, pattern, "log:*");
  x.subscribe(2, pattern, "*web");
  x.subscribe(2, pattern, "saker:*");
  x.subscribe(2, pattern, "l?g:x");
  using changes = std::vector<topic_change>;
  EXPECT_EQ(x.take_changes(), (changes{{channel, "log:n:web", true},
                                       {pattern, "log:*", true},
                                       {pattern, "*web", true},
                                       {pattern, "l?g:x", true}}));
  EXPECT_TRUE(x.take_changes().empty());
  x.unsubscribe(1, channel, "log:n:web");
  x.unsubscribe(1, pattern, "log:*");
  EXPECT_EQ(x.take_changes(), (changes{{pattern, "log:*", false}}));
  x.drop(2);
  auto last = x.take_changes();
  EXPECT_EQ(last.size(), 3u);
  EXPECT_EQ(std::count(last.begin(), last.end(),
                       topic_change{channel, "log:n:web", false}),
            1);
}

TEST(index_test, does_not_look_at_patterns_that_cannot_match) {
  // A pattern that would take millions of steps on every publish, a hundred
  // times: only an index that skips them all is done in no time.
  index x;
  std::string slow = "begin:";
  for (int i = 0; i < 300; ++i)
    slow += "a*";
  for (int i = 0; i < 100; ++i) {
    x.subscribe(1, pattern, slow + std::to_string(i) + ":end");
    x.subscribe(1, pattern, "*" + slow + std::to_string(i) + ":end");
  }
  x.subscribe(2, pattern, "*:exit");
  std::string name = "begin:" + std::string(2'000, 'a') + ":exit";
  for (int i = 0; i < 1'000; ++i)
    ASSERT_EQ(deliveries(x, name), (list{"*:exit:2"}));
}

TEST(index_test, finds_a_pattern_once_however_often_its_middle_occurs) {
  index x;
  x.subscribe(1, pattern, "saker:*:web:*");
  x.subscribe(2, pattern, "saker:*:db:*");
  x.subscribe(3, pattern, "*b*");
  EXPECT_EQ(deliveries(x, "saker:n:web:web:x"),
            (list{"saker:*:web:*:1", "*b*:3"}));
  x.unsubscribe(1, pattern, "saker:*:web:*");
  EXPECT_EQ(deliveries(x, "saker:n:web:web:x"), (list{"*b*:3"}));
}

/// What it takes to find those of one channel among `count` patterns of a form
/// that do not match, beside a few that do.
search_cost cost_among(int count, const std::string& before,
                       const std::string& after, std::string_view channel) {
  index x;
  for (auto name : {"*", "news:*", "*:sport", "*s:*", "n?ws:*"})
    x.subscribe(1, pattern, name);
  for (int i = 0; i < count; ++i)
    x.subscribe(1, pattern, before + std::to_string(100'000 + i) + after);
  audience who;
  x.find_audience(channel, who);
  EXPECT_EQ(who.size(), 5u) << before << after;
  return who.cost;
}

TEST(index_test, does_the_same_for_a_publish_whatever_does_not_match) {
  constexpr auto channel_name = "news:a:sport";
  auto alone = cost_among(0, "", "", channel_name);
  EXPECT_EQ(alone.globs, 5u) << "those that match";
  std::pair<std::string, std::string> forms[]{{"", ""},
                                              {"", ":*"},
                                              {"news:", ":*"},
                                              {"*", ""},
                                              {"*:", ":sport"},
                                              {"*", "*"},
                                              {"news:*", "*"},
                                              {"*", "*:sport"},
                                              {"news:*", "*:sport"},
                                              {"news:*", "sport"},
                                              {"n*a:", "?sport"},
                                              {"?", "[a-z]*"},
                                              {"\\n*", "?"},
                                              {"news:*:b:", ""}};
  for (auto& [before, after] : forms) {
    auto few = cost_among(10, before, after, channel_name);
    auto many = cost_among(10'000, before, after, channel_name);
    EXPECT_EQ(many, few) << before << "…" << after;
    EXPECT_EQ(many.globs, alone.globs) << before << "…" << after;
    EXPECT_LT(many.probes, alone.probes + 3 * 12) << before << "…" << after;
  }
}

TEST(index_test, tells_the_sizes_that_changed) {
  index x;
  x.subscribe(1, channel, "before");
  EXPECT_TRUE(x.take_sizes().empty());
  x.watch_sizes();
  x.subscribe(1, pattern, "p*");
  x.subscribe(2, pattern, "p*");
  x.subscribe(2, pattern, "p*");
  x.subscribe(1, channel, "c");
  x.unsubscribe(1, channel, "c");
  EXPECT_EQ(x.take_sizes(),
            (std::vector<topic_count>{{channel, "c", 0}, {pattern, "p*", 2}}));
  EXPECT_TRUE(x.take_sizes().empty());
  x.drop(1);
  EXPECT_EQ(x.take_sizes(), (std::vector<topic_count>{{channel, "before", 0},
                                                      {pattern, "p*", 1}}));
  EXPECT_EQ(x.all_sizes(), (std::vector<topic_count>{{pattern, "p*", 1}}));
}

} // namespace
} // namespace saker::pubsub
