#pragma once

#include "resp/value.hpp"
#include "session/command_statistics.hpp"

#include <span>
#include <string>

namespace saker::session {

/// The reply of `LATENCY HISTOGRAM [command …]`; `names` are the words behind
/// it. Of each command that was called, or of these and their subcommands: how
/// often, and how often in at most so many microseconds.
resp::value latency_reply(const command_statistics& from,
                          std::span<const std::string> names);

} // namespace saker::session
