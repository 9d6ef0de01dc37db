#pragma once

#include "messages/atoms.hpp"
#include "supervision/past_event.hpp"
#include "supervision/sequencer.hpp"
#include "supervision/wanted.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace saker {

using wanted_list = std::vector<supervision::wanted>;
using past_events = std::vector<supervision::past_event>;
using setting_list = std::vector<supervision::setting>;

/// The JOURNAL: what must survive a reboot.
using journal_actor = caf::typed_actor<
  // Remember these; answers when they are on the disk.
  caf::replies_to<atom::want, wanted_list>::with<bool>,
  // Likewise.
  caf::replies_to<atom::want, setting_list>::with<bool>,
  // Forget what was wanted of these names, and set.
  caf::replies_to<atom::forget, std::vector<std::string>>::with<bool>,
  // Reserve these event ids; the sequencer is told.
  caf::reacts_to<atom::reserve, supervision::reservation>,
  // The last events of these keys and of the node, oldest first.
  caf::replies_to<atom::query, std::vector<std::string>,
                  std::uint32_t>::with<past_events>,
  // The first events behind a number, oldest first.
  caf::replies_to<atom::query, supervision::past_page>::with<past_events>,
  // Who did what: the last ones of a user, or of all if it is empty, newest
  // first.
  caf::replies_to<atom::query, std::string, std::uint32_t>::with<past_events>,
  // From the queue of events: there are some to store.
  caf::reacts_to<atom::pump>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::wanted_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::past_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::setting_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::supervision::past_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::supervision::reservation)
