#pragma once

#include "actors/gateway.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_stream.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker::test {

class manual_listener final : public io::listener {
public:
  void close() override {
    closed = true;
  }
  void finish() override {
    closed = true;
  }
  bool closed = false;
};

/// Grants or refuses LISTEN; what it heard, as `+address` and `-address`.
struct socket_keeper {
  std::vector<std::string> heard;
  std::map<std::string, std::string> refusals;
};

/// A gateway whose connections, keeper and files are the test's. It may have
/// two clients, and listens on 127.0.0.1:7 and unix:/x.
class gateway_world : public actor_test {
protected:
  gateway_world();

  void TearDown() override;

  /// A client connects; returns its end.
  unique_fd connect();

  /// What CONFIG SET says.
  std::string change(std::vector<std::string> words);

  /// What CONFIG GET says.
  std::string told_of(const std::string& parameter);

  resp::value command(std::vector<std::string> args, resp::command_id id);

  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  io::listener_events accepting;
  std::shared_ptr<manual_listener> listener; ///< the last one
  std::vector<std::shared_ptr<manual_listener>> listeners;
  socket_keeper keeper;
  std::map<std::string, std::string> holders; ///< by address
  bool strangers = false;                     ///< whatever the kernel says
  bool via_tcp = false;                       ///< likewise
  int described = 0; ///< how often the kernel was asked who it is
  std::vector<session::peer> peers;
  std::vector<std::shared_ptr<fake_stream>> wires;
  std::vector<std::string> warnings;
  drift_report drift;
  std::vector<std::string> told; ///< after each change
  std::optional<config::override_list> kept;
  std::optional<config::override_list> live; ///< for the next node
  gateway_actor uut;
};

} // namespace saker::test
