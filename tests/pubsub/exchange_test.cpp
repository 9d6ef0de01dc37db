#include "pubsub/exchange.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace saker::pubsub {
namespace {

using enum subscription_kind;
using resp::protocol;

std::string message(std::string_view type, std::string_view name,
                    std::string_view payload) {
  auto bulk = [](std::string_view x) {
    return "$" + std::to_string(x.size()) + "\r\n" + std::string{x} + "\r\n";
  };
  return std::string{type} + "3\r\n$7\r\nmessage\r\n" + bulk(name)
         + bulk(payload);
}

class exchange_test : public ::testing::Test {
protected:
  void join(subscriber_id id, subscription_kind kind, std::string_view name,
            protocol dialect = protocol::resp2) {
    x.subscribe(id, kind, name, dialect);
  }

  /// What each one gets in this turn.
  std::map<subscriber_id, std::string> flush() {
    std::map<subscriber_id, std::string> result;
    pieces.clear();
    x.flush([&](subscriber_id to, std::vector<shared_bytes> frames) {
      EXPECT_EQ(result.count(to), 0u) << "two deliveries in one turn";
      for (auto& frame : frames) {
        result[to] += *frame;
        pieces[to].push_back(frame);
      }
    });
    EXPECT_FALSE(x.pending());
    return result;
  }

  exchange x;
  std::map<subscriber_id, std::vector<shared_bytes>> pieces;
};

TEST_F(exchange_test, counts_deliveries) {
  join(1, channel, "a");
  join(1, pattern, "a*");
  join(2, channel, "a");
  EXPECT_EQ(x.publish("a", "m"), 3u);
  EXPECT_EQ(x.publish("ab", "m"), 1u);
  EXPECT_EQ(x.publish("b", "m"), 0u);
}

TEST_F(exchange_test, writes_frames_as_redis_does) {
  join(1, channel, "ch");
  join(2, channel, "ch", protocol::resp3);
  join(3, pattern, "c*");
  join(4, pattern, "c*", protocol::resp3);
  x.publish("ch", "hi");
  auto got = flush();
  EXPECT_EQ(got[1], "*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$2\r\nhi\r\n");
  EXPECT_EQ(got[2], ">3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$2\r\nhi\r\n");
  EXPECT_EQ(got[3], "*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$2\r\nch\r\n"
                    "$2\r\nhi\r\n");
  EXPECT_EQ(got[4], ">4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$2\r\nch\r\n"
                    "$2\r\nhi\r\n");
}

TEST_F(exchange_test, writes_frames_of_shards_as_redis_does) {
  join(1, shard, "ch");
  join(2, shard, "ch", protocol::resp3);
  join(3, pattern, "*");
  join(4, channel, "ch");
  EXPECT_EQ(x.publish("ch", "hi", shard), 2u);
  EXPECT_EQ(x.publish("ch", "you", shard), 2u);
  EXPECT_EQ(x.publish("ch", "all"), 2u);
  auto got = flush();
  EXPECT_EQ(got[1], "*3\r\n$8\r\nsmessage\r\n$2\r\nch\r\n$2\r\nhi\r\n"
                    "*3\r\n$8\r\nsmessage\r\n$2\r\nch\r\n$3\r\nyou\r\n");
  EXPECT_TRUE(got[2].starts_with(">3\r\n$8\r\nsmessage\r\n")) << got[2];
  EXPECT_TRUE(got[3].starts_with("*4\r\n$8\r\npmessage\r\n")) << got[3];
  EXPECT_EQ(got[4], message("*", "ch", "all"));
}

TEST_F(exchange_test, shows_lines_to_who_monitors_among_the_messages) {
  x.show("+lost\r\n");
  join(1, monitor, "");
  join(1, channel, "c");
  join(2, monitor, "", protocol::resp3);
  join(3, pattern, "*");
  EXPECT_TRUE(x.subscriptions().monitored());
  x.show("+one\r\n");
  x.show("+two\r\n");
  x.publish("c", "m");
  x.show("+three\r\n");
  auto got = flush();
  EXPECT_EQ(got[1], "+one\r\n+two\r\n" + message("*", "c", "m") + "+three\r\n");
  EXPECT_EQ(got[2], "+one\r\n+two\r\n+three\r\n");
  EXPECT_EQ(pieces[1].front(), pieces[2].front()) << "shared";
  EXPECT_EQ(got.count(3), 1u) << "the message only";
  x.unsubscribe_all(1);
  x.drop(2);
  EXPECT_FALSE(x.subscriptions().monitored());
}

TEST_F(exchange_test, shares_one_piece_of_bytes_per_protocol) {
  for (subscriber_id id = 1; id <= 4; ++id)
    join(id, channel, "ch", id % 2 ? protocol::resp2 : protocol::resp3);
  x.publish("ch", "one");
  x.publish("ch", "two");
  flush();
  EXPECT_EQ(pieces[1].size(), 1u) << "messages in a row are joined";
  EXPECT_EQ(pieces[1][0], pieces[3][0]);
  EXPECT_EQ(pieces[2][0], pieces[4][0]);
  EXPECT_NE(pieces[1][0], pieces[2][0]);
  EXPECT_EQ(*pieces[2][0],
            message(">", "ch", "one") + message(">", "ch", "two"));
}

TEST_F(exchange_test, keeps_the_order_over_channels) {
  join(1, channel, "a");
  join(1, channel, "b");
  x.publish("a", "1");
  x.publish("b", "2");
  x.publish("b", "3");
  x.publish("nobody", "x");
  x.publish("a", "4");
  EXPECT_EQ(flush()[1], message("*", "a", "1") + message("*", "b", "2")
                          + message("*", "b", "3") + message("*", "a", "4"));
}

TEST_F(exchange_test, delivers_a_message_in_all_ways_before_the_next_one) {
  join(1, channel, "a");
  join(1, pattern, "*");
  x.publish("a", "1");
  x.publish("a", "2");
  auto by_pattern = [](std::string_view payload) {
    return "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\n"
           + std::string{payload} + "\r\n";
  };
  EXPECT_EQ(flush()[1], message("*", "a", "1") + by_pattern("1")
                          + message("*", "a", "2") + by_pattern("2"));
}

TEST_F(exchange_test, joins_messages_for_each_way_to_get_them) {
  for (subscriber_id id = 1; id <= 4; ++id)
    join(id, channel, "a", id % 2 ? protocol::resp2 : protocol::resp3);
  for (subscriber_id id = 5; id <= 8; ++id)
    join(id, pattern, "*", id % 2 ? protocol::resp2 : protocol::resp3);
  for (subscriber_id id = 9; id <= 10; ++id) {
    join(id, channel, "a");
    join(id, pattern, "*");
    join(id, pattern, "?");
  }
  for (auto payload : {"1", "2", "3"})
    EXPECT_EQ(x.publish("a", payload), 14u);
  auto got = flush();
  std::set<shared_bytes> encoded;
  for (auto& [id, all] : pieces) {
    EXPECT_EQ(all.size(), 1u) << id;
    encoded.insert(all.begin(), all.end());
  }
  EXPECT_EQ(pieces.size(), 10u);
  // The channel and a pattern in two protocols, and all three ways together.
  EXPECT_EQ(encoded.size(), 5u);
  EXPECT_EQ(got[1], message("*", "a", "1") + message("*", "a", "2")
                      + message("*", "a", "3"));
  auto in_all_ways = [](std::string_view payload) {
    auto by = [&](std::string_view name) {
      return "*4\r\n$8\r\npmessage\r\n$1\r\n" + std::string{name}
             + "\r\n$1\r\na\r\n$1\r\n" + std::string{payload} + "\r\n";
    };
    return message("*", "a", payload) + by("*") + by("?");
  };
  auto both = in_all_ways("1") + in_all_ways("2") + in_all_ways("3");
  EXPECT_EQ(got[9].size(), both.size());
  EXPECT_EQ(got[9], got[10]);
  EXPECT_TRUE(got[9].starts_with(message("*", "a", "1")));
  EXPECT_LT(got[9].find("?\r\n$1\r\na\r\n$1\r\n1"),
            got[9].find(message("*", "a", "2")));
}

TEST_F(exchange_test, gives_a_newcomer_only_what_comes_after) {
  join(1, channel, "a");
  x.publish("a", "1");
  join(2, channel, "a");
  x.publish("a", "2");
  auto got = flush();
  EXPECT_EQ(got[1], message("*", "a", "1") + message("*", "a", "2"));
  EXPECT_EQ(got[2], message("*", "a", "2"));
}

TEST_F(exchange_test, gives_a_leaver_what_came_before) {
  join(1, channel, "a");
  join(2, channel, "a");
  x.publish("a", "1");
  x.unsubscribe(1, channel, "a");
  EXPECT_EQ(x.publish("a", "2"), 1u);
  x.unsubscribe_all(2);
  EXPECT_EQ(x.publish("a", "3"), 0u);
  auto got = flush();
  EXPECT_EQ(got[1], message("*", "a", "1"));
  EXPECT_EQ(got[2], message("*", "a", "1") + message("*", "a", "2"));
}

TEST_F(exchange_test, flushes_one_before_it_is_told_that_it_left) {
  join(1, channel, "a");
  join(2, channel, "a");
  x.publish("a", "1");
  x.unsubscribe(1, channel, "a");
  auto frames = x.flush_one(1);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(*frames[0], message("*", "a", "1"));
  EXPECT_TRUE(x.flush_one(9).empty());
  EXPECT_EQ(flush().count(1), 0u);
}

TEST_F(exchange_test, encodes_for_the_protocol_of_the_moment) {
  join(1, channel, "a");
  x.publish("a", "1");
  x.switch_protocol(1, protocol::resp3);
  x.publish("a", "2");
  EXPECT_EQ(flush()[1], message("*", "a", "1") + message(">", "a", "2"));
}

TEST_F(exchange_test, delivers_nothing_to_those_who_are_gone) {
  join(1, channel, "a");
  join(2, channel, "a");
  x.publish("a", "1");
  x.publish("b", "closes the run");
  x.drop(1);
  auto got = flush();
  EXPECT_EQ(got.count(1), 0u);
  EXPECT_EQ(got[2], message("*", "a", "1"));
  join(1, channel, "a");
  EXPECT_EQ(flush().count(1), 0u);
}

TEST_F(exchange_test, cuts_long_runs_into_pieces) {
  join(1, channel, "a");
  std::string payload(100'000, 'x');
  for (int i = 0; i < 10; ++i)
    x.publish("a", payload);
  auto got = flush()[1];
  EXPECT_EQ(got.size(), 10 * message("*", "a", payload).size());
  EXPECT_GT(pieces[1].size(), 1u);
  EXPECT_LT(pieces[1].size(), 10u);
}

TEST_F(exchange_test, agrees_with_delivering_one_by_one) {
  // The same history on an exchange that is flushed after each step.
  std::mt19937 random{9};
  exchange slow;
  std::map<subscriber_id, std::string> expected;
  std::map<subscriber_id, std::string> got;
  auto collect = [](exchange& from, auto& into) {
    from.flush([&](subscriber_id to, std::vector<shared_bytes> frames) {
      for (auto& frame : frames)
        into[to] += *frame;
    });
  };
  const std::string_view names[]{"a", "b", "ab"};
  const std::string_view patterns[]{"a*", "*b", "?"};
  for (int i = 0; i < 20'000; ++i) {
    subscriber_id id = random() % 5;
    auto kind = random() % 2 == 0 ? channel : pattern;
    auto name = kind == channel ? names[random() % 3] : patterns[random() % 3];
    auto dialect = random() % 2 == 0 ? protocol::resp2 : protocol::resp3;
    auto payload = std::to_string(i);
    for (auto uut : {&x, &slow})
      switch (i % 7) {
        case 0: uut->subscribe(id, kind, name, dialect); break;
        case 1: uut->unsubscribe(id, kind, name); break;
        case 2:
          if (i % 5 == 0)
            uut->switch_protocol(id, dialect);
          break;
        default: uut->publish(names[id % 3], payload); break;
      }
    collect(slow, expected);
    if (random() % 20 == 0) {
      collect(x, got);
      ASSERT_EQ(got, expected) << i;
    }
  }
}

} // namespace
} // namespace saker::pubsub
