#pragma once

#include "lua/command.hpp"
#include "lua/script.hpp"
#include "messages/command_actor.hpp"
#include "messages/connection_actor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace saker {

using command_specs = std::vector<lua::command_spec>;
using task_list = std::vector<lua::task_info>;

/// What a chore of a script gave, on its way between threads.
using chore_answer = std::shared_ptr<result<lua::chore_result>>;

/// The SCRIPT: one Lua file at work. Publishes like a connection does.
using script_actor = subscriber_actor::extend<
  // Call one of its commands.
  caf::replies_to<atom::call, command_call>::with<resp::value>,
  // Run the file; answers what it registered when it has run.
  caf::replies_to<atom::load, std::string>::with<command_specs>,
  // From a thread: a chore has its answer.
  caf::reacts_to<atom::ended, lua::request_id, chore_answer>,
  // SELF: has a chore had its time?
  caf::reacts_to<atom::wait>,
  // What TASKS shows.
  caf::replies_to<atom::describe>::with<task_list>,
  // The LIBRARIAN: these aliases belong to another file, so they go.
  caf::reacts_to<atom::withdraw, std::vector<std::string>>,
  // Run what was deferred to the end, then end.
  caf::replies_to<atom::finish>::with<bool>,
  // Its worker, from a script thread: it is back.
  caf::reacts_to<atom::ended>,
  // Its worker, from a script thread: a call that was stuck has returned.
  caf::reacts_to<atom::closed>,
  // SELF: look whether the worker is stuck.
  caf::reacts_to<atom::watch>,
  // SELF: something is due.
  caf::reacts_to<atom::tick, std::uint64_t>,
  // SELF: commands that still run after `finish` had their time.
  caf::reacts_to<atom::expire>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::command_specs)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::task_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::chore_answer)
