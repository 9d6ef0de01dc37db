#pragma once

#include "process/spawn_step.hpp"

#include <atomic>
#include <memory>

namespace saker::process {

/// A page that a parent shares with one child until the child's exec: the
/// child writes where its set-up is, the parent looks when it wants to know.
/// (Told through the pipe it would wake the parent at each step.)
class shared_step {
public:
  /// None: `step` is spawn_step::none for ever.
  shared_step() = default;

  /// False when there is no memory.
  bool make() noexcept;

  /// Where the child is.
  spawn_step step() const noexcept {
    return word_ ? word_->load(std::memory_order_acquire) : spawn_step::none;
  }

  /// Says where the set-up is; the child calls it.
  void set(spawn_step x) const noexcept {
    if (word_)
      word_->store(x, std::memory_order_release);
  }

private:
  using word = std::atomic<spawn_step>;

  static_assert(word::is_always_lock_free);

  struct unmap {
    void operator()(word* x) const noexcept;
  };

  std::unique_ptr<word, unmap> word_;
};

} // namespace saker::process
