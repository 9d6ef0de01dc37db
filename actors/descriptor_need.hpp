#pragma once

#include "supervision/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace saker {

/// Whether the keeper may have too few descriptors for all instances of these
/// services, in words with what to do; nothing if they are enough. `limit` is
/// what it may have; nothing means without limit, or nobody knows.
std::optional<std::string>
short_of_descriptors(const supervision::service_set& services,
                     std::optional<std::uint64_t> limit);

} // namespace saker
