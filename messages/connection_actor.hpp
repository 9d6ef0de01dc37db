#pragma once

#include "base/bytes.hpp"
#include "messages/atoms.hpp"
#include "resp/value.hpp"
#include "session/client_list.hpp"
#include "session/effect.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace saker {

/// Counts, one per message of a publish_batch.
using receiver_counts = std::vector<std::int64_t>;

/// Whole frames of RESP, in order; shared by all who get them.
using frame_list = std::vector<shared_bytes>;

/// What the BROKER needs of those who publish and subscribe.
using subscriber_actor = caf::typed_actor<
  // Messages of channels, in the protocol that was asked for.
  caf::reacts_to<atom::deliver, frame_list>,
  // The answer to a publish_batch of that id.
  caf::reacts_to<atom::report, session::request_id, receiver_counts>,
  // The answer to anything else of that id.
  caf::reacts_to<atom::report, session::request_id>>;

/// The CONNECTION: one client.
using connection_actor = subscriber_actor::extend<
  // SELF, from the socket: bytes came in.
  caf::reacts_to<atom::readable>,
  // SELF, from the socket: all output is with the kernel.
  caf::reacts_to<atom::drained>,
  // SELF, from the socket: end of input, or an error.
  caf::reacts_to<atom::closed>,
  // SELF: more commands are there than were carried out at a stretch.
  caf::reacts_to<atom::pump>,
  // SELF: a wait of the session is over.
  caf::reacts_to<atom::expire, session::request_id>,
  // SELF: look whether the client still reads.
  caf::reacts_to<atom::tick>,
  // What CONFIG SET can change has changed.
  caf::reacts_to<atom::change>,
  // End if the client has been idle for too long.
  caf::reacts_to<atom::wait>,
  // The row of CLIENT LIST.
  caf::replies_to<atom::describe>::with<session::client_figures>,
  // Wait no more, and tell the client that this is an error or the end of its
  // time. False: it did not wait.
  caf::replies_to<atom::forget, bool>::with<bool>,
  // End once what was said so far has been sent.
  caf::reacts_to<atom::stop>,
  // End: the reason is for the log.
  caf::reacts_to<atom::finish, std::string>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::shared_bytes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::frame_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::receiver_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::session::client_figures)
