// Clients over TLS.
#include "actors/gateway.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"

#include <utility>

namespace saker {

namespace {

constexpr auto patience_with_certificates = std::chrono::seconds{5};

std::string reading_failed(const caf::error& why) {
  auto x = to_failure(why);
  return x.code == errc::timeout
           ? "the disk with the certificates does not answer; try again"
           : x.detail;
}

/// The first of these that is about certificates, as it is called.
std::string word_of_tls(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); i += 2)
    if (auto x = to_lower(words[i]);
        x.starts_with("tls-") || x == "requirepass")
      return x;
  return {};
}

} // namespace

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

// -- certificates -----------------------------------------------------------------

/// SIGHUP or SVAPPLY.
void gateway_state::renew() {
  if (!links.tls.certificates)
    return;
  self
    ->request(links.tls.certificates, patience_with_certificates, atom::load_v,
              links.parameters)
    .then(
      [this, before = certificates_used_](io::shared_tls& x) {
        // A CONFIG SET may have named others meanwhile.
        if (before == certificates_used_)
          use_certificates(std::move(x));
        else
          renew();
      },
      [this](const caf::error& why) {
        links.warn("TLS: " + reading_failed(why)
                   + "; clients are shown what they were before");
      });
}

/// If the change is about them, also if it sets what was set before, as one does
/// with Redis; the password may be what protects their addresses. They are used
/// once all else is well.
void gateway_state::read_certificates() {
  auto word = word_of_tls(change_->order.words);
  if (!links.tls.certificates || word.empty())
    return move_sockets();
  self
    ->request(links.tls.certificates, patience_with_certificates, atom::load_v,
              change_->next)
    .then(
      [this](io::shared_tls& x) {
        change_->tls = std::move(x);
        move_sockets();
      },
      [this, word](const caf::error& why) {
        refuse_change(
          session::not_set(word, "Unable to update TLS configuration: "
                                   + reading_failed(why))
            .detail);
      });
}

void gateway_state::use_certificates(io::shared_tls x) {
  ++certificates_used_;
  links.tls.use(std::move(x));
}

} // namespace saker
