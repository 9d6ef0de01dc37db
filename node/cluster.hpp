#pragma once

#include "actors/cluster.hpp"
#include "config/settings.hpp"
#include "io/loop.hpp"

#include <string>

namespace saker::node {

/// What proves to other nodes that this one belongs to the cluster.
struct cluster_secrets {
  io::shared_tls tls; ///< null: insecure
  std::string cookie;
};

/// Reads the files that [cluster] names; nothing without it. Fails with what
/// to do.
result<cluster_secrets> read_secrets(const config::cluster_settings& from);

/// The ways to other nodes for the CLUSTER: it listens and dials on `where`,
/// which must outlive it. None if there is no [cluster].
void connect_cluster(const config::cluster_settings& from,
                     const cluster_secrets& secrets, io::loop& where,
                     cluster_links& into);

} // namespace saker::node
