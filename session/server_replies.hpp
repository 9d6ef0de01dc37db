#pragma once

#include "resp/command_table.hpp"
#include "resp/writer.hpp"
#include "session/settings.hpp"

#include <span>
#include <string_view>

namespace saker::session {

/// Answers what is asked of any Redis and is true of one without keys, copies
/// and disk: ROLE, LASTSAVE, LOLWUT, SWAPDB, OBJECT, MEMORY, LATENCY,
/// MODULE, FUNCTION, READONLY. Appends one whole reply. False: `what` is none of these.
bool append_server_reply(resp::writer out, resp::command_id what,
                         std::span<const std::string_view> args,
                         const settings& config);

} // namespace saker::session
