#pragma once

#include <atomic>
#include <cstdint>

namespace saker::supervision {

/// Numbers the starts of children, growing for ever: the keeper tells at HELLO
/// which was the last. One object for all; any thread.
class spawn_numbers {
public:
  explicit spawn_numbers(std::uint64_t last = 0) noexcept : last_(last) {
    // nop
  }

  std::uint64_t next() noexcept {
    return last_.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  /// No number up to `x` will be given any more.
  void at_least(std::uint64_t x) noexcept {
    auto seen = last_.load(std::memory_order_relaxed);
    while (seen < x
           && !last_.compare_exchange_weak(seen, x, std::memory_order_relaxed))
      ;
  }

private:
  std::atomic<std::uint64_t> last_;
};

} // namespace saker::supervision
