#pragma once

#include "base/result.hpp"
#include "messages/command_actor.hpp"
#include "session/audit_trail.hpp"
#include "session/settings.hpp"

#include <memory>

namespace saker {

/// For the trail: this node begins to carry out a command of another node, where
/// it was told too. To be told how it ended, by `answered` with the number 0; null
/// if nobody asks. `what` is as its carrier gets it.
std::shared_ptr<session::open_audits>
begin_far_audit(const session::shared_trail& trail, const command_call& what,
                session::moment now);

/// … or does not, as that user may not.
void tell_far_refusal(const session::shared_trail& trail,
                      const command_call& what, const failure& why,
                      session::moment now);

} // namespace saker
