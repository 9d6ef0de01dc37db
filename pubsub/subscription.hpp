#pragma once

#include <cstdint>
#include <string>

namespace saker::pubsub {

/// To what one can subscribe.
enum class subscription_kind : std::uint8_t { channel, pattern };

/// Names one receiver; chosen by the caller, for example the client id.
using subscriber_id = std::uint64_t;

/// Somebody subscribed to what nobody had, or the last one has left.
struct topic_change {
  subscription_kind kind = subscription_kind::channel;
  std::string name;
  bool wanted = false;

  bool operator==(const topic_change&) const = default;
};

} // namespace saker::pubsub
