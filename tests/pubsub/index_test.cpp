#include "pubsub/index.hpp"

#include "pubsub/figures.hpp"
#include "pubsub/glob.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace saker::pubsub {
namespace {

using enum subscription_kind;

/// `pattern:id` or `:id` for each delivery, in order.
std::vector<std::string> deliveries(const index& from, std::string_view name,
                                    subscription_kind kind = channel) {
  audience all;
  from.find_audience(name, all, kind);
  std::vector<std::string> result;
  if (all.channel)
    all.channel->for_each([&](const subscriber& x) {
      result.push_back(":" + std::to_string(x.id));
    });
  for (auto topic : all.patterns)
    topic->for_each([&](const subscriber& x) {
      result.push_back(std::string{topic->name()} + ":" + std::to_string(x.id));
    });
  EXPECT_EQ(all.size(), result.size());
  return result;
}

using list = std::vector<std::string>;

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

/// The plainest thing that could be right.
struct walk {
  std::vector<std::pair<std::string, subscriber_id>> channels;
  std::vector<std::pair<std::string, subscriber_id>> patterns;

  std::multiset<std::string> deliveries(const std::string& name) const {
    std::multiset<std::string> result;
    for (auto& [channel, id] : channels)
      if (channel == name)
        result.insert(":" + std::to_string(id));
    for (auto& [pattern, id] : patterns)
      if (glob_match(pattern, name))
        result.insert(pattern + ":" + std::to_string(id));
    return result;
  }

  list direct(const std::string& name) const {
    list result;
    for (auto& [channel, id] : channels)
      if (channel == name)
        result.push_back(":" + std::to_string(id));
    return result;
  }
};

std::string random_name(std::mt19937& random, std::string_view alphabet) {
  std::string result(random() % 6, ' ');
  for (auto& c : result)
    c = alphabet[random() % alphabet.size()];
  return result;
}

TEST(index_test, agrees_with_a_plain_walk_after_any_history) {
  std::mt19937 random{5};
  index uut;
  walk model;
  for (int i = 0; i < 40'000; ++i) {
    subscriber_id id = random() % 12;
    auto kind = random() % 2 == 0 ? channel : pattern;
    auto& all = kind == channel ? model.channels : model.patterns;
    auto name = random_name(random, kind == channel ? "ab" : "ab*?[]\\");
    auto same = std::pair{name, id};
    auto known = std::find(all.begin(), all.end(), same);
    switch (random() % 8) {
      case 0:
      case 1:
      case 2:
        ASSERT_EQ(uut.subscribe(id, kind, name), known == all.end());
        if (known == all.end())
          all.push_back(same);
        break;
      case 3:
      case 4:
        ASSERT_EQ(uut.unsubscribe(id, kind, name), known != all.end());
        if (known != all.end())
          all.erase(known);
        break;
      case 5:
        if (random() % 16 == 0) {
          uut.drop(id);
          auto his = [id](auto& x) { return x.second == id; };
          std::erase_if(model.channels, his);
          std::erase_if(model.patterns, his);
        }
        break;
      default: {
        auto topic = random_name(random, "ab]\\");
        auto got = deliveries(uut, topic);
        ASSERT_EQ((std::multiset<std::string>{got.begin(), got.end()}),
                  model.deliveries(topic))
          << topic;
        auto direct = model.direct(topic);
        ASSERT_TRUE(std::equal(direct.begin(), direct.end(), got.begin()));
        ASSERT_EQ(uut.channel_size(topic), direct.size());
      }
    }
  }
  std::set<std::string> unique;
  for (auto& x : model.patterns)
    unique.insert(x.first);
  EXPECT_EQ(uut.pattern_count(), unique.size());
}

/// Patterns as people write them, with much in common.
std::string likely_pattern(std::mt19937& random) {
  static constexpr std::string_view parts[]{
    "saker:", ":web", "#1", "*", "?", "a", "log", "*:", "[ab]", "\\*", ":"};
  std::string result;
  for (auto n = random() % 5 + 1; n > 0; --n)
    result += parts[random() % std::size(parts)];
  return result;
}

std::string likely_channel(std::mt19937& random) {
  static constexpr std::string_view parts[]{"saker:", ":web", "#1", "a",
                                            "log",    "b",    "*",  ":"};
  std::string result;
  for (auto n = random() % 5 + 1; n > 0; --n)
    result += parts[random() % std::size(parts)];
  return result;
}

TEST(index_test, agrees_with_a_plain_walk_over_patterns_that_come_and_go) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    index uut;
    walk model;
    for (int i = 0; i < 1'000; ++i) {
      auto name = likely_pattern(random);
      auto& all = model.patterns;
      auto known = std::find(all.begin(), all.end(), std::pair{name, 1ul});
      if (known == all.end()) {
        ASSERT_TRUE(uut.subscribe(1, pattern, name));
        all.emplace_back(name, 1);
      } else if (i % 2 == 0) {
        ASSERT_TRUE(uut.unsubscribe(1, pattern, name));
        all.erase(known);
      }
      if (all.size() > 150) {
        auto some = all.begin() + static_cast<long>(random() % all.size());
        ASSERT_TRUE(uut.unsubscribe(1, pattern, some->first));
        all.erase(some);
      }
      auto topic = likely_channel(random);
      auto got = deliveries(uut, topic);
      ASSERT_EQ((std::multiset<std::string>{got.begin(), got.end()}),
                model.deliveries(topic))
        << topic << " with seed " << seed;
    }
  }
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

// -- PUBSUB --------------------------------------------------------------------

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

class figures_test : public ::testing::Test {
protected:
  figures_test() {
    x.subscribe(1, channel, "a");
    x.subscribe(2, channel, "a");
    x.subscribe(2, pattern, "p*");
    x.subscribe(3, pattern, "p*");
  }

  std::string ask(std::vector<std::string> args) {
    args.insert(args.begin(), "PUBSUB");
    return to_string(pubsub_reply(x, args));
  }

  index x;
};

TEST_F(figures_test, lists_channels_with_subscribers_of_their_own) {
  EXPECT_EQ(ask({"channels"}), "[\"a\"]");
  EXPECT_EQ(ask({"CHANNELS", "a*"}), "[\"a\"]");
  EXPECT_EQ(ask({"CHANNELS", "b*"}), "[]");
}

TEST_F(figures_test, counts_subscribers_without_patterns) {
  EXPECT_EQ(ask({"NUMSUB", "a", "p1"}), "[\"a\", 2, \"p1\", 0]");
  EXPECT_EQ(ask({"NUMSUB"}), "[]");
}

TEST_F(figures_test, counts_unique_patterns) {
  EXPECT_EQ(ask({"NUMPAT"}), "1");
}

TEST_F(figures_test, refuses_in_the_words_of_redis) {
  EXPECT_EQ(ask({"CHANNELS", "a", "b"}),
            "-ERR unknown subcommand or wrong number of arguments for "
            "'CHANNELS'. Try PUBSUB HELP.");
}

} // namespace
} // namespace saker::pubsub
