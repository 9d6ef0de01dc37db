#pragma once

#include "pubsub/index.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker::test {

using list = std::vector<std::string>;

/// `pattern:id` or `:id` for each delivery, in order.
inline list deliveries(const pubsub::index& from, std::string_view name,
                       pubsub::subscription_kind kind
                       = pubsub::subscription_kind::channel) {
  pubsub::audience all;
  from.find_audience(name, all, kind);
  list result;
  if (all.channel)
    all.channel->for_each([&](const pubsub::subscriber& x) {
      result.push_back(":" + std::to_string(x.id));
    });
  for (auto topic : all.patterns)
    topic->for_each([&](const pubsub::subscriber& x) {
      result.push_back(std::string{topic->name()} + ":" + std::to_string(x.id));
    });
  EXPECT_EQ(all.size(), result.size());
  return result;
}

} // namespace saker::test
