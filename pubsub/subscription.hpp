#pragma once

#include <cstdint>

namespace saker::pubsub {

/// To what one can subscribe.
enum class subscription_kind : std::uint8_t { channel, pattern };

/// Names one receiver; chosen by the caller, for example the client id.
using subscriber_id = std::uint64_t;

} // namespace saker::pubsub
