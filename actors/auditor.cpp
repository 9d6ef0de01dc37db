#include "actors/auditor.hpp"

#include "actors/audit_text.hpp"

#include <utility>

namespace saker {

void auditor_state::begin(auditor_links with) {
  links = std::move(with);
}

// -- events -------------------------------------------------------------------

void auditor_state::tell(const session::audit_entry& x) {
  links.say(audit_line(x));
  self->send(links.broker, atom::emit_v, audit_channel(links.node, x),
             share(audit_payload(links.node, x)));
}

void auditor_state::wait() {
  self->delayed_send(self, std::chrono::seconds{1}, atom::expire_v);
}

void auditor_state::expire() {
  for (auto& x : links.trail->take_excess()) {
    session::audit_entry all;
    all.at = links.wall_clock();
    all.user = x.user;
    all.more = x.count;
    tell(all);
  }
}

// -- behavior -----------------------------------------------------------------

auditor_actor::behavior_type
auditor(auditor_actor::stateful_pointer<auditor_state> self,
        auditor_links links) {
  self->state.begin(std::move(links));
  return {
    [self](atom::tell, const session::audit_entry& x) { self->state.tell(x); },
    [self](atom::wait) { self->state.wait(); },
    [self](atom::expire) { self->state.expire(); },
  };
}

} // namespace saker
