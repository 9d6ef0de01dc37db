#include "actors/certificates.hpp"
#include "io/client_tls.hpp"
#include "io/pinned.hpp"
#include "io/tls_door.hpp"
#include "node/client_tls.hpp"
#include "node/runtime.hpp"

namespace saker::node {

gateway_tls runtime::make_tls() {
  gateway_tls x;
  auto& settings = boot_.settings.tls;
  if (settings.listen.empty())
    return x;
  for (auto& where : settings.listen)
    x.addresses.insert(to_string(where));
  x.certificate_user = settings.certificate_user;
  auto door = std::make_shared<io::tls_door>(
    io_, boot_.client_tls,
    io::tls_door_options{settings.handshake, settings.handshakes});
  x.admit = [door](unique_fd socket, io::tls_guest_events events) {
    door->admit(std::move(socket), std::move(events));
  };
  x.inside = [door] { return door->inside(); };
  x.connect = [this](session::peer who, std::uint64_t id, stream_factory open) {
    return io::spawn_on(&io_, sys_, connection, shared_links{links_},
                        std::move(who), id, std::move(open));
  };
  x.certificates = sys_.spawn<caf::detached>(
    certificates,
    [with = boot_.settings](
      const session::parameters& from) -> result<io::shared_tls> {
      auto tls = read_client_tls(with, from);
      if (!tls)
        return tls;
      if (auto wrong = io::complaint_about(*tls); !wrong.empty())
        return fail(errc::refused, wrong);
      return tls;
    });
  x.use = [this, door](io::shared_tls tls) {
    door->use(std::move(tls));
    log_.info("TLS: certificates are read; clients are shown them from now on");
  };
  return x;
}

} // namespace saker::node
