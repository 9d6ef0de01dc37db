#pragma once

#include "pubsub/index.hpp"
#include "resp/value.hpp"

#include <span>
#include <string>

namespace saker::pubsub {

/// The reply of `PUBSUB CHANNELS [pattern]`, `PUBSUB NUMSUB [channel …]`, the
/// same for shards, and `PUBSUB NUMPAT`; `args` from PUBSUB on.
resp::value pubsub_reply(const index& from, std::span<const std::string> args);

} // namespace saker::pubsub
