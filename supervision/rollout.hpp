#pragma once

#include <cstddef>
#include <utility>

namespace saker::supervision {

/// Goes through `count` instances, some at a time: the next ones have their
/// turn when all of the present ones have ended well. After one that has not,
/// nobody has a turn any more.
class rollout {
public:
  /// From `first` on, before `last`; empty: it is over.
  using batch = std::pair<std::size_t, std::size_t>;

  rollout(std::size_t count, std::size_t at_a_time) noexcept
    : count_(count), at_a_time_(at_a_time > 0 ? at_a_time : 1) {
    // nop
  }

  /// Whose turn is next. To be asked when the ones before have ended.
  batch next() noexcept;

  /// One of the present ones has ended; true when it was the last of them.
  bool ended(bool well) noexcept;

  /// The first one that has had no turn.
  std::size_t reached() const noexcept {
    return reached_;
  }

private:
  std::size_t count_;
  std::size_t at_a_time_;
  std::size_t reached_ = 0;
  std::size_t open_ = 0;
  bool failed_ = false;
};

} // namespace saker::supervision
