#include "keeper/attention.hpp"

#include <algorithm>

namespace saker::keeper {

void attention::begin() noexcept {
  heard_ = time{0};
}

void attention::heard(time now) noexcept {
  heard_ = now;
}

attention::verdict attention::judge(time unseen, time now) const noexcept {
  if (now - since(unseen) >= silence_limit)
    return verdict::hangs;
  return now - unseen >= overlook_limit ? verdict::overlooks : verdict::well;
}

attention::time attention::next_look(time unseen) const noexcept {
  return std::min(since(unseen) + silence_limit, unseen + overlook_limit);
}

attention::time attention::since(time unseen) const noexcept {
  return std::max(unseen, heard_);
}

} // namespace saker::keeper
