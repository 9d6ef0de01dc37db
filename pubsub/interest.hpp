#pragma once

#include "pubsub/subscription.hpp"

#include <cstdint>
#include <vector>

namespace saker::pubsub {

/// How many subscribers one channel or pattern has.
struct topic_count {
  subscription_kind kind = subscription_kind::channel;
  std::string name;
  std::uint64_t count = 0; ///< 0: none any more

  bool operator==(const topic_count&) const = default;
};

/// To what somebody listens, or what has changed in it.
struct interest {
  bool anew = false;       ///< forget what was said before
  bool everything = false; ///< too much to list: wants all there is
  std::vector<topic_count> topics;

  bool operator==(const interest&) const = default;
};

} // namespace saker::pubsub
