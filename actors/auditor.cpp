#include "actors/auditor.hpp"

#include "actors/audit_text.hpp"

#include <utility>

namespace saker {

namespace {

std::uint64_t entry_ms(std::chrono::system_clock::time_point x) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return static_cast<std::uint64_t>(
    duration_cast<milliseconds>(x.time_since_epoch()).count());
}

} // namespace

void auditor_state::begin(auditor_links with) {
  links = std::move(with);
}

// -- events -------------------------------------------------------------------

void auditor_state::tell(const session::audit_entry& x) {
  auto payload = audit_payload(links.node, x);
  links.say(audit_line(x), payload);
  if (links.journal)
    links.journal->put(
      {{entry_ms(x.at), ++number_}, x.user, x.command, payload});
  self->send(links.broker, atom::emit_v, audit_channel(links.node, x),
             share(std::move(payload)));
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
