#pragma once

#include <cstdint>
#include <string>

namespace saker::pubsub {

/// To what one can subscribe. Channels and shards have names of their own: the
/// same name in both are two, and patterns match channels only.
enum class subscription_kind : std::uint8_t {
  channel,
  pattern,
  shard,   ///< a channel of SSUBSCRIBE and SPUBLISH
  monitor, ///< the commands of all clients; has no names, so its is empty
};

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
