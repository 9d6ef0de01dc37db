#pragma once

#include "actors/connection.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_stream.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// Remembers what it was asked and answers when the test says so.
struct desk_state {
  std::vector<std::pair<command_call, caf::typed_response_promise<resp::value>>>
    open;
  std::vector<std::uint64_t> withdrawn; ///< clients
  static inline const char* name = "desk";
};

using desk_actor = command_actor::extend<
  caf::reacts_to<atom::withdraw, std::uint64_t>,
  caf::reacts_to<atom::report, std::size_t, resp::value>>;

desk_actor::behavior_type
desk(desk_actor::stateful_pointer<desk_state> self, desk_state** where);

/// Connections with a real BROKER; one desk is all else that they know.
class connection_world : public actor_test {
protected:
  connection_world();

  /// A client of the node, seen from the other end of the wire.
  struct client {
    connection_actor actor;
    std::shared_ptr<fake_stream> wire;
  };

  client connect(session::peer_kind kind = session::peer_kind::root);

  void TearDown() override;

  std::string say(client& x, std::string_view bytes);

  void answer(std::size_t which, resp::value x);

  std::string unix_user; ///< of the next client, if it comes that way
  std::shared_ptr<std::atomic<bool>> monitored
    = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<session::settings> settings
    = std::make_shared<session::settings>();
  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  desk_actor counter;
  desk_state* roster = nullptr;
  std::uint64_t last_id = 0;
  std::vector<connection_actor> clients;
};

} // namespace saker::test
