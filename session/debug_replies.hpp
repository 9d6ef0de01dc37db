#pragma once

#include "resp/writer.hpp"

#include <span>
#include <string_view>

namespace saker::session {

/// Answers DEBUG but for SLEEP and LOG: HELP, PROTOCOL, ERROR, DIGEST and OK to
/// switches of Redis that mean nothing here. Appends one whole reply,
/// in front of it, if asked for, an attribute or a push. `args` from DEBUG on.
void append_debug_reply(resp::writer out,
                        std::span<const std::string_view> args,
                        resp::protocol dialect);

} // namespace saker::session
