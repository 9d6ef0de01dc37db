#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <caf/error.hpp>

namespace saker {

/// What a client reads of a failure: `-CODE text`. The one table from errc to
/// the first word of an error reply.
resp::value to_reply(const failure& why);
resp::value to_reply(const caf::error& why);

} // namespace saker
