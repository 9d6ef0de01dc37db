#pragma once

#include <chrono>

namespace saker::io {

/// How long the other side may say nothing, and how long it has.
class silence {
public:
  using clock = std::chrono::steady_clock;

  silence(clock::duration limit, clock::time_point now)
    : limit_(limit), since_(now) {
    // nop
  }

  void heard(clock::time_point now) noexcept {
    since_ = now;
  }

  /// When it is too long, if nothing comes before.
  clock::time_point end() const noexcept {
    return since_ + limit_;
  }

  bool too_long(clock::time_point now) const noexcept {
    return now >= end();
  }

  clock::duration length(clock::time_point now) const noexcept {
    return now - since_;
  }

private:
  clock::duration limit_;
  clock::time_point since_;
};

} // namespace saker::io
