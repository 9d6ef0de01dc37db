#pragma once

#include <caf/actor_system_config.hpp>

namespace saker::node {

/// How CAF runs the actors of a node.
struct system_config : caf::actor_system_config {
  /// `linked`: with what speaks to other nodes.
  explicit system_config(bool linked);
};

} // namespace saker::node
