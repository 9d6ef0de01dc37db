#pragma once

#include "resp/command_table.hpp"
#include "resp/writer.hpp"
#include "session/latency_monitor.hpp"

#include <span>
#include <string_view>

namespace saker::session {

/// Answers LATENCY LATEST, HISTORY, RESET, GRAPH and DOCTOR, in the words of
/// Redis but for the advice. False: `what` is none of these.
bool append_latency_events(resp::writer out, resp::command_id what,
                           std::span<const std::string_view> args,
                           latency_monitor& from);

} // namespace saker::session
