#pragma once

#include "actors/cluster.hpp"
#include "cluster/wire.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_tunnel.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace saker::test {

using shared_tunnel = std::shared_ptr<fake_tunnel>;

/// What a PEER was told.
struct peer_record {
  peer_beginning how;
  peer_actor actor;
  std::vector<std::string> closed;
  std::vector<std::string> commands;
  caf::timespan patience{}; ///< with the last one
  bool goodbye = false;
  bool silent = false;              ///< does not answer commands
  std::optional<resp::value> reply; ///< else a row
  std::vector<caf::typed_response_promise<std::string>> open;
  caf::strong_actor_ptr other;
};

using shared_record = std::shared_ptr<peer_record>;

/// A CLUSTER of node `m`; tunnels, PEERs and the ROSTER are fake.
class cluster_world : public actor_test {
protected:
  cluster_world();

  void TearDown() override;

  std::shared_ptr<io::tunnel>
  add(std::string to, std::string hello, io::tunnel_events events) {
    tunnels.push_back(std::make_shared<fake_tunnel>(
      std::move(to), std::move(hello), std::move(events)));
    return tunnels.back();
  }

  static std::string hello(const std::string& name,
                           std::vector<cluster::known_node> members = {}) {
    return cluster::encode({cluster::protocol_version, name, name + "-life",
                            name + ":1", std::move(members), "2.0.0", 18,
                            4000});
  }

  void greet(const shared_tunnel& by, const std::string& text) {
    by->greet(text);
    settle();
  }

  void cut(const shared_tunnel& by, const std::string& why) {
    by->fail(why);
    settle();
  }

  shared_tunnel somebody_connects() {
    tell(uut, atom::accept_v, hand(unique_fd{}));
    return tunnels.back();
  }

  /// A node that dialled and is up.
  shared_record node(const std::string& name) {
    greet(somebody_connects(), hello(name));
    tell(uut, atom::open_v, peers.back()->how.link);
    return peers.back();
  }

  resp::value command(std::vector<std::string> args) {
    auto x = ask<resp::value>(uut, atom::call_v, call_of(std::move(args)));
    return x ? *x : resp::value{};
  }

  /// A command that is answered some time: `answer<resp::value>`.
  caf::message_id later(std::vector<std::string> args) {
    auto id = self
                ->request(uut, caf::infinite, atom::call_v,
                          call_of(std::move(args)))
                .id();
    settle();
    return id;
  }

  static command_call call_of(std::vector<std::string> args);

  std::string state_of(const std::string& name);

  command_actor roster;
  std::vector<std::string> asked;
  std::optional<std::int64_t> own;    ///< what the roster answers, else a row
  std::optional<resp::value> answers; ///< of PEERs to come
  int listened = 0;
  bool deaf = false;
  io::listener_events accepting;
  std::vector<shared_tunnel> tunnels;
  std::vector<shared_record> peers;
  std::vector<std::string> said, warned;
  int left = 0;
  cluster_actor uut;
};

} // namespace saker::test
