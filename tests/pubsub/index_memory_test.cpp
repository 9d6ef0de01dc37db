// What a subscription costs, counted on the heap.
#include "tests/support/counted_heap.hpp"

#ifdef SAKER_COUNTED_HEAP

#include "pubsub/exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace saker::pubsub {
namespace {

using test::heap;

constexpr std::size_t most_bytes = 150;

/// Subscribes `count` times, to names of `form` with the number in it, and
/// returns the bytes of each beyond its name, where it is worst on the way.
double
cost_of(subscription_kind kind, const char* form, int count, int subscribers) {
  index x;
  for (int id = 0; id < subscribers; ++id)
    x.join(static_cast<subscriber_id>(id));
  auto before = heap.bytes;
  std::size_t names = 0;
  auto worst = 0.0;
  for (int i = 0; i < count; ++i) {
    char name[80];
    auto size = std::snprintf(name, sizeof name, form, i);
    x.subscribe(static_cast<subscriber_id>(i % subscribers), kind, name);
    names += static_cast<std::size_t>(size);
    if (i >= count / 2) // the table has been both full and just doubled
      worst = std::max(worst, static_cast<double>(heap.bytes - before - names)
                                / (i + 1));
  }
  return worst;
}

TEST(index_memory_test, a_subscription_takes_few_bytes_beyond_its_name) {
  using enum subscription_kind;
  for (auto form : {"%d", "news:%06d", "saker:event:node-1:web#%d",
                    "a:name:that:is:longer:than:most:others:are:%08d"}) {
    EXPECT_LT(cost_of(channel, form, 20'000, 1), most_bytes) << form;
    EXPECT_LT(cost_of(channel, form, 20'000, 100), most_bytes) << form;
    EXPECT_LT(cost_of(shard, form, 20'000, 100), most_bytes) << form;
  }
  for (auto form : {"%d:*", "*:web#%d", "*x%dx*", "saker:*:web#%d:*"}) {
    EXPECT_LT(cost_of(pattern, form, 20'000, 1), most_bytes) << form;
    EXPECT_LT(cost_of(pattern, form, 20'000, 100), most_bytes) << form;
  }
  // Many on one topic.
  EXPECT_LT(cost_of(channel, "news", 20'000, 20'000), most_bytes);
}

TEST(index_memory_test, gives_back_what_was_for_those_who_left) {
  index x;
  auto before = heap.bytes;
  for (int i = 0; i < 20'000; ++i) {
    x.subscribe(1, subscription_kind::channel, std::to_string(i));
    x.subscribe(1, subscription_kind::pattern, std::to_string(i) + "*");
  }
  for (int i = 0; i < 20'000; ++i)
    x.unsubscribe(1, subscription_kind::channel, std::to_string(i));
  x.drop(1);
  EXPECT_LT(heap.bytes - before, 256u);
}

TEST(index_memory_test, finds_an_audience_without_the_heap) {
  index x;
  for (auto name : {"*", "news:*", "*:sport", "*s:*", "n?ws:[a-z]*"})
    x.subscribe(1, subscription_kind::pattern, name);
  x.subscribe(1, subscription_kind::channel, "news:sport");
  audience who;
  x.find_audience("news:sport", who);
  EXPECT_EQ(who.size(), 6u);
  EXPECT_EQ(test::allocations_of([&] { x.find_audience("news:sport", who); }),
            0u);
}

TEST(index_memory_test, publishes_to_nobody_without_the_heap) {
  exchange x;
  x.subscribe(1, subscription_kind::pattern, "other:*", resp::protocol::resp2);
  auto publish = [&x] {
    EXPECT_EQ(x.publish("news:of:the:whole:world", "hello"), 0u);
    EXPECT_EQ(x.publish("news:of:the:whole:town", "hello"), 0u);
    x.flush([](subscriber_id, std::vector<shared_bytes>) {});
  };
  publish();
  EXPECT_EQ(test::allocations_of(publish), 0u);
}

TEST(index_memory_test, allocates_for_a_run_and_not_for_each_message) {
  exchange x;
  for (subscriber_id id = 0; id < 100; ++id)
    x.subscribe(id, subscription_kind::channel, "c", resp::protocol::resp2);
  auto cost = [&x](int messages) {
    return test::allocations_of([&] {
      for (int i = 0; i < messages; ++i)
        x.publish("c", "hello");
      x.flush([](subscriber_id, std::vector<shared_bytes>) {});
    });
  };
  cost(1);
  auto one = cost(1);
  EXPECT_LT(one, 100u + 10) << "a list of pieces for each, and the piece";
  EXPECT_LT(cost(1'000), one + 40) << "what grows doubles";
}

} // namespace
} // namespace saker::pubsub

#endif
