#include "supervision/restart_limit.hpp"

#include <algorithm>

namespace saker::supervision {

time_point restart_limit::reserve(time_point now) noexcept {
  auto present = now.time_since_epoch();
  // A bucket of n tokens lets a schedule run ahead by n - 1 intervals.
  auto ahead = interval_ * static_cast<std::int64_t>(burst_ - 1);
  auto seen = full_at_.load(std::memory_order_relaxed);
  for (;;) {
    auto turn = std::max(duration{seen}, duration{present});
    auto next = (turn + interval_).count();
    if (full_at_.compare_exchange_weak(seen, next, std::memory_order_relaxed))
      return std::max(now, time_point{turn - ahead});
  }
}

} // namespace saker::supervision
