#pragma once

#include "supervision/time.hpp"

#include <atomic>
#include <cstdint>

namespace saker::supervision {

/// The token bucket over all automatic restarts of a node: 50 a second after
/// a burst of 200. Tokens are reserved, not asked for again and again: whoever
/// comes too early is told his time once, and the order is that of asking.
///
/// One object for all; any thread.
class restart_limit {
public:
  explicit restart_limit(duration interval = std::chrono::milliseconds{20},
                         std::uint32_t burst = 200) noexcept
    : interval_(interval), burst_(burst) {
    // nop
  }

  /// Takes one token. The restart may happen at the time returned, which is
  /// `now` while the burst lasts.
  time_point reserve(time_point now) noexcept;

private:
  duration interval_;
  std::uint32_t burst_;
  /// When the bucket will be full again (the virtual schedule of GCRA).
  std::atomic<duration::rep> full_at_{INT64_MIN};
};

} // namespace saker::supervision
