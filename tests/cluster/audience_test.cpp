#include "cluster/audience.hpp"

#include "cluster/credit.hpp"

#include <gtest/gtest.h>

namespace saker::cluster {
namespace {

using pubsub::interest;
using pubsub::subscription_kind;
using nodes = std::vector<audience::node>;

constexpr auto channel = subscription_kind::channel;
constexpr auto pattern = subscription_kind::pattern;
constexpr auto shard = subscription_kind::shard;

TEST(audience_test, names_each_node_once_and_adds_all_receivers) {
  audience uut{100};
  uut.announced(1, {false, false, {{channel, "news", 3}, {pattern, "n*", 2}}});
  uut.announced(2, {false, false, {{pattern, "*", 1}}});
  EXPECT_EQ(uut.of("news").nodes, (nodes{1, 2}));
  EXPECT_EQ(uut.of("news").receivers, 6u);
  EXPECT_EQ(uut.of("other").nodes, nodes{2});
}

TEST(audience_test, keeps_shards_and_channels_apart) {
  audience uut{100};
  uut.announced(1, {false, false, {{channel, "c", 3}, {pattern, "*", 2}}});
  uut.announced(2, {false, false, {{shard, "c", 4}}});
  EXPECT_EQ(uut.of("c").nodes, nodes{1});
  EXPECT_EQ(uut.of("c", shard).nodes, nodes{2});
  EXPECT_EQ(uut.of("c", shard).receivers, 4u);
  EXPECT_EQ(uut.of("c").receivers, 5u);
}

TEST(audience_test, follows_changes) {
  audience uut{100};
  EXPECT_TRUE(uut.empty());
  uut.announced(1, {false, false, {{channel, "a", 1}}});
  EXPECT_EQ(uut.of("a").receivers, 1u);
  uut.announced(1, {false, false, {{channel, "a", 5}}});
  EXPECT_EQ(uut.of("a").receivers, 5u);
  uut.announced(1, {false, false, {{channel, "a", 0}}});
  EXPECT_EQ(uut.of("a").nodes, nodes{});
  uut.announced(1, {false, false, {{channel, "a", 1}}});
  uut.announced(1, {true, false, {{channel, "b", 1}}});
  EXPECT_EQ(uut.of("a").nodes, nodes{});
  EXPECT_EQ(uut.of("b").nodes, nodes{1});
  uut.drop(1);
  EXPECT_EQ(uut.of("b").nodes, nodes{});
  EXPECT_TRUE(uut.empty());
}

TEST(audience_test, sends_everything_to_who_wants_too_much) {
  audience uut{2};
  uut.announced(1, {true, true, {}});
  EXPECT_EQ(uut.of("x").nodes, nodes{1});
  EXPECT_EQ(uut.of("x").receivers, 0u);
  uut.announced(
    2,
    {false, false, {{channel, "a", 1}, {channel, "b", 1}, {channel, "c", 1}}});
  EXPECT_EQ(uut.of("x").nodes, (nodes{1, 2}));
  uut.announced(1, {true, false, {}});
  uut.announced(2, {true, false, {{channel, "x", 1}}});
  EXPECT_EQ(uut.of("x").nodes, nodes{2});
  EXPECT_EQ(uut.of("y").nodes, nodes{});
}

TEST(audience_test, tells_whose_output_is_wanted_elsewhere) {
  using changes = std::vector<pubsub::topic_change>;
  audience uut{2};
  uut.announced(1,
                {false, false, {{channel, "log:n:web", 1}, {channel, "x", 1}}});
  uut.announced(2, {false, false, {{channel, "log:n:web", 5}}});
  EXPECT_EQ(uut.take_changes(), (changes{{channel, "log:n:web", true}}));
  uut.announced(1, {false, false, {{channel, "log:n:web", 0}}});
  EXPECT_EQ(uut.take_changes(), changes{});
  uut.drop(2);
  EXPECT_EQ(uut.take_changes(), (changes{{channel, "log:n:web", false}}));
  uut.announced(3, {true, true, {}});
  EXPECT_EQ(uut.take_changes(), (changes{{pattern, "log:*", true}}));
  EXPECT_EQ(uut.of("log:n:db").nodes, nodes{3});
  EXPECT_EQ(uut.of("log:n:db").receivers, 0u);
  uut.announced(3, {true, false, {}});
  EXPECT_EQ(uut.take_changes(), (changes{{pattern, "log:*", false}}));
}

TEST(credit_test, bounds_what_is_on_its_way) {
  credit uut{100};
  EXPECT_TRUE(uut.take(60));
  EXPECT_FALSE(uut.take(41));
  EXPECT_TRUE(uut.take(40));
  uut.give_back(100);
  EXPECT_EQ(uut.used(), 0u);
  EXPECT_TRUE(uut.take(1000)) << "or it could never be sent";
  EXPECT_FALSE(uut.take(1));
  uut.give_back(5000);
  EXPECT_EQ(uut.used(), 0u);
  EXPECT_GT(credit::cost(0, 1), 0u);
}

} // namespace
} // namespace saker::cluster
