#pragma once

#include "resp/command_table.hpp"
#include "resp/writer.hpp"

#include <span>
#include <string_view>

namespace saker::session {

/// Answers what clients and test harnesses ask of a server with data, in the
/// words of a Redis that holds none: DBSIZE, FLUSHALL, SCRIPT FLUSH, LATENCY …
/// Appends one whole reply. False: `what` is none of these.
bool append_without_data(resp::writer out, resp::command_id what,
                         std::span<const std::string_view> args);

} // namespace saker::session
