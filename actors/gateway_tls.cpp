// Clients over TLS.
#include "actors/gateway.hpp"
#include "base/text.hpp"

#include <utility>

namespace saker {

/// Lets it make its handshake. Until then nobody knows who it is: the kernel is
/// not asked, for a program that ends TLS for others would lend them its uid.
void gateway_state::admit(const handed_fd& socket, session::peer who) {
  auto me = caf::actor_cast<gateway_actor>(self);
  auto where = who.local_address;
  auto from = who.address;
  links.tls.admit(
    std::move(*socket),
    {[me, who = std::move(who)](io::tls_guest x) {
       caf::anon_send(
         me, atom::greet_v,
         std::make_shared<secured_guest>(secured_guest{std::move(x), who}));
     },
     [log = links.connections->refusals, where, from](const std::string& why) {
       if (log && !why.empty())
         log->tell("TLS on " + where + ": client " + from
                     + " is refused: " + ascii_line(why),
                   std::chrono::steady_clock::now());
     }});
}

/// The handshake is over.
void gateway_state::greet(const handed_guest& x) {
  if (!open_)
    return;
  if (clients_.size() >= links.connections->live->max_clients)
    return links.connections->figures->rejected.add();
  auto& who = x->who;
  if (links.tls.certificate_user)
    who.certificate = std::move(x->guest.certificate);
  auto id = ++last_id_;
  keep(links.tls.connect(std::move(who), id, std::move(x->guest.open)), id);
}

/// SIGHUP or SVAPPLY.
void gateway_state::renew() {
  if (!links.tls.renew)
    return;
  if (auto why = links.tls.renew(links.parameters); !why.empty())
    links.warn("TLS: " + why + "; clients are shown what they were before");
}

} // namespace saker
