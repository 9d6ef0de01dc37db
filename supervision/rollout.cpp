#include "supervision/rollout.hpp"

#include <algorithm>

namespace saker::supervision {

rollout::batch rollout::next() noexcept {
  auto first = reached_;
  if (!failed_)
    reached_ = std::min(count_, first + at_a_time_);
  open_ = reached_ - first;
  return {first, reached_};
}

bool rollout::ended(bool well) noexcept {
  failed_ = failed_ || !well;
  return --open_ == 0;
}

} // namespace saker::supervision
