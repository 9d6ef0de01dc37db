#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <caf/error.hpp>

#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What a client reads of a failure: `-CODE text`. The one table from errc to
/// the first word of an error reply.
resp::value to_reply(const failure& why);
resp::value to_reply(const caf::error& why);

/// What a client reads of what it typed wrongly: `-ERR text`.
resp::value syntax_error(std::string text);

/// What has no text is null.
resp::value or_null(const std::string& x);
resp::value or_null(const std::optional<std::string>& x);

/// Lines for eyes: RESP3 verbatim, RESP2 an array of simple strings. ASCII, as
/// ascii_text() makes it, unless `utf8`.
resp::value text_reply(std::vector<std::string> lines, resp::protocol in,
                       bool utf8 = false);

} // namespace saker
