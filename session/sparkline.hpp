#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace saker::session {

/// Values as columns of characters with their labels below, in the form that
/// LATENCY GRAPH has in Redis: four rows, at most 80 columns beside each other.
std::string
sparkline(const std::vector<std::pair<std::int64_t, std::string>>& columns);

} // namespace saker::session
