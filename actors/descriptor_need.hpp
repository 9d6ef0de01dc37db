#pragma once

#include "supervision/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace saker {

/// What keeper and node may have, and what is taken already.
struct descriptor_budget {
  std::optional<std::uint64_t> limit; ///< nothing: none, or nobody knows
  std::uint64_t clients = 0;          ///< that are connected now
};

/// Whether keeper or node may have too few descriptors for all instances of
/// these services, in words with what to do; nothing if they are enough.
std::optional<std::string>
short_of_descriptors(const supervision::service_set& services,
                     const descriptor_budget& have);

} // namespace saker
