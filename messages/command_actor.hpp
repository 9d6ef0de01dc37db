#pragma once

#include "messages/atoms.hpp"
#include "resp/value.hpp"
#include "session/effect.hpp"
#include "session/slow_log.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace saker {

/// For the entry of a command in the slow log.
struct slow_origin {
  std::shared_ptr<session::slow_log> log; ///< null: there is none
  std::string address;
  std::string client; ///< its name
};

/// One command of one client that somebody else than its connection carries
/// out. Stays inside one node.
struct command_call {
  session::request what;
  std::uint64_t client = 0; ///< id of the connection, 0: a script
  std::string from;         ///< `root@127.0.0.1:4711`: who asks, for people
  slow_origin origin = {};
};

/// Whoever carries out commands: GATEWAY, LIBRARIAN, SCRIPT, ROSTER.
using command_actor = caf::typed_actor<
  // Carry it out; errors that a client should see are `resp::error` values.
  caf::replies_to<atom::call, command_call>::with<resp::value>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::command_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::resp::value)
