#include "pubsub/glob.hpp"
#include "pubsub/index.hpp"
#include "tests/pubsub/deliveries.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace saker::pubsub {
namespace {

using namespace test;
using enum subscription_kind;

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

} // namespace
} // namespace saker::pubsub
