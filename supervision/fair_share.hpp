#pragma once

#include <cstdint>
#include <vector>

namespace saker::supervision {

/// How much each gives up of what it has, so that `most` are left of all
/// together: whoever has most gives way first, so that nobody can push out what
/// belongs to others. Of those that have equally much the first ones give more.
std::vector<std::uint64_t>
fair_cuts(const std::vector<std::uint64_t>& counts, std::uint64_t most);

} // namespace saker::supervision
