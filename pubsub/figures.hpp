#pragma once

#include "pubsub/index.hpp"
#include "resp/value.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace saker::pubsub {

/// The reply of `PUBSUB CHANNELS [pattern]`, `PUBSUB NUMSUB [channel …]`, the
/// same for shards, and `PUBSUB NUMPAT`; `args` from PUBSUB on. Channels that are
/// not `told` have no subscribers for whoever asks; null: all are told.
using channel_filter = std::function<bool(std::string_view channel)>;
resp::value pubsub_reply(const index& from, std::span<const std::string> args,
                         const channel_filter& told = nullptr);

} // namespace saker::pubsub
