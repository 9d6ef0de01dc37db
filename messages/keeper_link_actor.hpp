#pragma once

#include "link/answer.hpp"
#include "link/request.hpp"
#include "messages/atoms.hpp"
#include "messages/handed_fd.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace saker {

/// Read ends of the output FIFOs of one child: out (or both), err.
using handed_fds = std::shared_ptr<std::vector<unique_fd>>;

/// One row of LIST with its descriptors.
struct held_child {
  link::row row;
  handed_fds output;
};

/// What the keeper holds when the node starts.
struct inventory {
  link::welcome welcome;
  std::vector<held_child> children;
};

/// Who is told what happens to the children of one key.
using keeper_client_actor = caf::typed_actor<
  // exec succeeded; the descriptors are the read ends of its output.
  caf::reacts_to<atom::tell, link::spawned, handed_fds>,
  // It ended, or never came to be.
  caf::reacts_to<atom::tell, link::ended>,
  // A daemon's process ended, and another one may have followed it.
  caf::reacts_to<atom::tell, link::left>,
  // Something it started lives on.
  caf::reacts_to<atom::tell, link::orphan>>;

/// Who is told what concerns the node as a whole.
using keeper_master_actor = caf::typed_actor<
  // SIGTERM or SIGINT reached the keeper.
  caf::reacts_to<atom::tell, link::shutdown_wanted>,
  // SIGHUP did.
  caf::reacts_to<atom::tell, link::reload_wanted>>;

/// The KEEPER LINK: the one way to the keeper.
using keeper_link_actor = caf::typed_actor<
  // A request whose refusal is worth a line in the log, nothing more.
  caf::reacts_to<atom::send, link::request>,
  // A request; a refusal is the error.
  caf::replies_to<atom::ask, link::request>::with<bool>,
  // LISTEN; the address in fact and the socket.
  caf::replies_to<atom::listen, link::listen>::with<std::string, handed_fd>,
  // Tell that actor of this key.
  caf::reacts_to<atom::enroll, std::string, keeper_client_actor>,
  // Tell it nothing of this key any more.
  caf::reacts_to<atom::withdraw, std::string>,
  // Tell that actor of the node.
  caf::reacts_to<atom::enroll, keeper_master_actor>,
  // SELF: the link is readable.
  caf::reacts_to<atom::readable>,
  // SELF: the link is writable.
  caf::reacts_to<atom::drained>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::handed_fds)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::inventory)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::spawned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::orphan)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::shutdown_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::reload_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::link::listen)
