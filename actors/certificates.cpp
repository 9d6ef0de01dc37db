#include "actors/certificates.hpp"

#include "messages/error.hpp"

#include <utility>

namespace saker {

certificates_actor::behavior_type
certificates(certificates_actor::pointer, certificate_reader read) {
  return {
    [read = std::move(read)](atom::load, const session::parameters& from)
      -> caf::result<io::shared_tls> {
      auto x = read(from);
      if (!x)
        return to_error(x.error());
      return std::move(*x);
    },
  };
}

} // namespace saker
