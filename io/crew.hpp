#pragma once

#include <cstddef>
#include <functional>

namespace saker::io {

/// Threads for what may take long, as those see it who give them work. One
/// that is stuck inside a call is replaced, some times at most. Any thread.
class crew {
public:
  virtual ~crew() = default;

  /// Runs `job` on one of the threads, after those that were given before.
  virtual void run(std::function<void()> job) = 0;

  /// One thread is stuck in its job: adds another one in its place. False:
  /// there are as many as there may be, so the others have one less.
  virtual bool grow() = 0;

  /// A job that `grow` was called for came to its end: to be called in that
  /// job. Its thread ends if it was replaced.
  virtual void shrink() = 0;

  /// How many threads are not stuck.
  virtual std::size_t able() const noexcept = 0;

  /// Whether `grow` would add a thread.
  virtual bool may_grow() const noexcept = 0;
};

} // namespace saker::io
