#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace saker {

/// Calls back once, when several things that go on side by side are done. It
/// begins with one missing, for whoever begins them: `one_less` after the last
/// one has begun.
struct countdown {
  explicit countdown(std::function<void()> what) : then(std::move(what)) {
    // nop
  }

  void one_less() {
    if (--missing == 0)
      then();
  }

  std::size_t missing = 1;
  std::function<void()> then;
};

} // namespace saker
