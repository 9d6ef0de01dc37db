#include "pubsub/figures.hpp"

#include "pubsub/index.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::pubsub {
namespace {

using enum subscription_kind;

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

TEST_F(figures_test, tells_nothing_of_channels_that_are_not_told) {
  x.subscribe(1, channel, "b");
  x.subscribe(1, shard, "b");
  auto only_a = [&](std::vector<std::string> args) {
    args.insert(args.begin(), "PUBSUB");
    return to_string(
      pubsub_reply(x, args, [](std::string_view name) { return name == "a"; }));
  };
  EXPECT_EQ(only_a({"CHANNELS"}), "[\"a\"]");
  EXPECT_EQ(only_a({"CHANNELS", "b*"}), "[]");
  EXPECT_EQ(only_a({"SHARDCHANNELS"}), "[]");
  EXPECT_EQ(only_a({"NUMSUB", "a", "b"}), "[\"a\", 2, \"b\", 0]");
  EXPECT_EQ(only_a({"SHARDNUMSUB", "b"}), "[\"b\", 0]");
}

TEST_F(figures_test, refuses_in_the_words_of_redis) {
  EXPECT_EQ(ask({"CHANNELS", "a", "b"}),
            "-ERR unknown subcommand or wrong number of arguments for "
            "'CHANNELS'. Try PUBSUB HELP.");
}

} // namespace
} // namespace saker::pubsub
