#pragma once

#include "io/name_lookup.hpp"
#include "io/tunnel.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace saker::io {

/// A node that is known by the name of its host.
struct named_target {
  std::string host;
  std::uint16_t port = 0;
  /// Dials one of its addresses.
  std::function<std::shared_ptr<tunnel>(const std::string& address,
                                        tunnel_events)>
    dial;
  /// Whether an address may be dialled; null: each may.
  std::function<bool(const std::string& address)> allowed;
  std::chrono::nanoseconds patience = std::chrono::seconds{5}; ///< to look up
};

/// Looks up the host, now, and tries its addresses one after the other until
/// one greets. What is told in the end names the host and what became of each
/// address. `where` must outlive it.
std::shared_ptr<tunnel> dial_by_name(loop& where, name_lookup& names,
                                     named_target to, tunnel_events events);

} // namespace saker::io
