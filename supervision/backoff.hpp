#pragma once

#include "supervision/time.hpp"

#include <cstdint>
#include <string>

namespace saker::supervision {

/// How long to wait before a restart: at once, then `first`, then `factor`
/// times more each time, up to `cap`.
struct backoff_rule {
  duration first = std::chrono::milliseconds{200};
  duration cap = std::chrono::seconds{60};
  double factor = 2;
  double jitter = 0.25; ///< share of the delay by which it may be off, ±
  duration reset = std::chrono::minutes{10}; ///< healthy time that clears it

  bool operator==(const backoff_rule&) const = default;
};

/// `200ms to 60s, x2`.
std::string to_string(const backoff_rule& x);

/// The counter behind it.
class backoff {
public:
  explicit backoff(backoff_rule rule = {}) : rule_(rule) {
    // nop
  }

  /// The delay before the next restart; one step further afterwards. `random`
  /// is from [0, 1).
  duration next(double random);

  /// A child that ended after `uptime`: clears the counter if it was healthy
  /// for long enough.
  void lived(duration uptime) noexcept {
    if (uptime >= rule_.reset)
      step_ = 0;
  }

  void clear() noexcept {
    step_ = 0;
  }

  /// How many restarts since it was clear.
  std::uint32_t step() const noexcept {
    return step_;
  }

  void step(std::uint32_t x) noexcept {
    step_ = x;
  }

  void rule(backoff_rule x) noexcept {
    rule_ = x;
  }

private:
  backoff_rule rule_;
  std::uint32_t step_ = 0;
};

} // namespace saker::supervision
