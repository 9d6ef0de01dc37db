#include "supervision/fair_share.hpp"

#include <algorithm>

namespace saker::supervision {

std::vector<std::uint64_t>
fair_cuts(const std::vector<std::uint64_t>& counts, std::uint64_t most) {
  std::vector<std::uint64_t> cuts(counts.size());
  auto sorted = counts;
  std::sort(sorted.begin(), sorted.end());
  // Those with little keep all; the others share what is left.
  auto sharers = static_cast<std::uint64_t>(sorted.size());
  for (auto x : sorted) {
    if (x > most / sharers)
      break;
    most -= x;
    --sharers;
  }
  if (sharers == 0)
    return cuts;
  auto level = most / sharers;
  auto rest = most % sharers;
  for (auto i = counts.size(); i-- > 0;) {
    if (counts[i] <= level)
      continue;
    auto keeps = rest > 0 ? level + 1 : level;
    rest -= rest > 0 ? 1 : 0;
    cuts[i] = counts[i] - keeps;
  }
  return cuts;
}

} // namespace saker::supervision
