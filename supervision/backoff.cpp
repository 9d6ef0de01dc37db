#include "supervision/backoff.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace saker::supervision {

std::string to_string(const backoff_rule& x) {
  char factor[32];
  std::snprintf(factor, sizeof(factor), "%g", x.factor);
  return format_duration(x.first) + " to " + format_duration(x.cap) + ", x"
         + factor;
}

duration backoff::next(double random) {
  auto step = step_;
  if (step_ < UINT32_MAX)
    ++step_;
  if (step == 0)
    return duration::zero();
  // As floating point: the power may be far beyond 64 bits before the cap.
  auto delay = static_cast<double>(rule_.first.count())
               * std::pow(rule_.factor, static_cast<double>(step - 1));
  delay = std::min(delay, static_cast<double>(rule_.cap.count()));
  delay *= 1 + rule_.jitter * (2 * random - 1);
  return duration{std::llround(std::max(0.0, delay))};
}

} // namespace saker::supervision
