#pragma once

#include "actors/gathering.hpp"
#include "actors/roster.hpp"
#include "messages/error.hpp"

#include <memory>
#include <utility>

namespace saker {

/// Asks for `what` (wanted_list, setting_list) to be stored before the reply is
/// given: what was acknowledged must be true after a power cut too.
template <class List>
void store(roster_state& from, List what,
           const std::shared_ptr<gathering>& to) {
  if (what.empty())
    return to->stored();
  from.self
    ->request(from.links.journal, caf::infinite, atom::want_v, std::move(what))
    .then(
      [to](bool) { to->stored(); },
      [to](const caf::error& why) { to->not_stored(to_failure(why).detail); });
}

} // namespace saker
