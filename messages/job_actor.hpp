#pragma once

#include "lua/host.hpp"
#include "messages/keeper_link_actor.hpp"
#include "messages/writer_actor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <string>

namespace saker {

/// A command that the keeper runs as it stands there.
struct job_order {
  std::string name; ///< the begin of its key and of its lines: `before`…
  process::spec what;
  std::chrono::milliseconds timeout{30'000}; ///< then it is killed; 0: never
  added_lines log; ///< where its lines go to; the text is of no matter
};

/// The JOB: one short command with its output, run by the keeper.
using job_actor = keeper_client_actor::extend<
  // Run it and answer how it ended; to be asked once.
  caf::replies_to<atom::call, lua::exec_spec>::with<lua::exec_result>,
  // The same; out and err are one, and of much output the end is kept. Its
  // lines go to the log as they come.
  caf::replies_to<atom::call, job_order>::with<lua::exec_result>,
  // SELF: output is there.
  caf::reacts_to<atom::readable>,
  // Its time is over: it is killed, the answer is `timeout`.
  caf::reacts_to<atom::expire>,
  // Nobody waits for it any more.
  caf::reacts_to<atom::finish>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::job_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::lua::exec_spec)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::lua::exec_result)
