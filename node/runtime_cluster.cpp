#include "actors/basp.hpp"
#include "actors/cluster.hpp"
#include "actors/command_route.hpp"
#include "actors/peer.hpp"
#include "base/version.hpp"
#include "io/pinned.hpp"
#include "node/clocks.hpp"
#include "node/cluster.hpp"
#include "node/random_hex.hpp"
#include "node/runtime.hpp"

#include <random>

#include <unistd.h>

namespace saker::node {

namespace {

/// From 0 to 1. The CLUSTER alone asks.
double random_share() {
  static std::mt19937 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(engine);
}

} // namespace

cluster_actor runtime::spawn_cluster() {
  cluster_links x;
  x.self.name = boot_.settings.node;
  x.self.incarnation = random_hex(32);
  x.self.version = version;
  x.self.pid = ::getpid();
  connect_cluster(boot_.settings.cluster, boot_.secrets, io_, x);
  auto shared = make_peer_links();
  x.peer = [this, shared](const cluster_actor& from, peer_beginning how) {
    auto with = shared;
    with.cluster = from;
    return io::spawn_on(&io_, sys_, peer, std::move(with), std::move(how));
  };
  x.carrier = shared.carrier;
  x.unix_ms = unix_ms;
  x.random = random_share;
  x.say = say_;
  x.warn = warn_;
  x.leave = [this] { leave(0); };
  return io::spawn_on(&io_, sys_, cluster_of_nodes, std::move(x));
}

peer_links runtime::make_peer_links() {
  auto& settings = boot_.settings.cluster;
  peer_links x;
  x.node = boot_.settings.node;
  x.broker = broker_;
  if (settings.listen)
    x.basp = sys_.spawn(basp, std::uint16_t{1});
  x.carrier = [this](session::request& what) {
    return carrier_here(*links_, boot_.settings.node, what);
  };
  x.heartbeat = settings.heartbeat;
  x.backlog = settings.backlog;
  x.warn = warn_;
  x.audit = trail_;
  return x;
}

} // namespace saker::node
