#pragma once

#include "actors/peer.hpp"
#include "tests/support/actor_test.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace saker::test {

/// What those around a PEER were told.
struct peer_surroundings {
  std::vector<std::string> told;      ///< the CLUSTER
  std::vector<std::string> far;       ///< the PEER over there
  std::vector<std::string> broker;    ///< the BROKER
  std::vector<command_call> calls;    ///< the ROSTER
  std::string reply = "$2\r\nhi\r\n"; ///< over there
  bool silent = false;                ///< over there nobody answers
  std::vector<caf::response_promise> open;
  caf::strong_actor_ptr other; ///< the PEER over there
  bool absent = false;         ///< there is no BASP over there
  int asked = 0;               ///< the PEER over there, for an answer
};

/// A PEER between a CLUSTER, a BROKER and a ROSTER of here and a PEER of
/// another node, all of them the test's.
class peer_world : public actor_test {
protected:
  peer_world();

  void TearDown() override;

  void begin(bool dialled = true);

  static session::publish_batch messages(std::size_t count, std::size_t size);

  static std::string command(std::vector<std::string> args);

  caf::expected<std::string> send(const std::string& text);

  /// A command that nobody over there answers is under way.
  caf::message_id ask_in_vain();

  peer_surroundings all;
  peer_links links;
  cluster_actor cluster;
  far_peer_actor far;
  command_actor roster;
  peer_actor uut;
  std::vector<std::string> warned;
};

} // namespace saker::test
