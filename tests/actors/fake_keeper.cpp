#include "tests/support/fake_keeper.hpp"

namespace saker::test {

keeper_link_actor::behavior_type
fake_keeper_link(keeper_link_actor::pointer, fake_keeper* keeper) {
  return {
    [keeper](atom::send, const link::request& x) { (void)keeper->take(x); },
    [keeper](atom::ask, const link::request& x) -> caf::result<bool> {
      if (auto ok = keeper->take(x); !ok)
        return to_error(ok.error());
      return true;
    },
    [](atom::listen,
       const link::listen& x) -> caf::result<std::string, handed_fd> {
      return {x.address, hand(unique_fd{})};
    },
    [keeper](atom::enroll, const std::string& key,
             const keeper_client_actor& who) { keeper->clients[key] = who; },
    [keeper](atom::withdraw, const std::string& key) {
      keeper->clients.erase(key);
    },
    [](atom::enroll, const keeper_master_actor&) {},
    [](atom::readable) {},
    [](atom::drained) {},
  };
}

} // namespace saker::test
