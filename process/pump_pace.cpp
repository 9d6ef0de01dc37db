#include "process/pump_pace.hpp"

#include <algorithm>

namespace saker::process {

std::optional<pump_pace::time_point>
pump_pace::next(std::size_t bytes, std::size_t capacity, time_point now,
                bool watched) {
  if (bytes == 0)
    return std::nullopt;
  auto since = now - last_;
  last_ = now;
  if (since >= silence) {
    rest_ = shortest;
    return std::nullopt;
  }
  if (bytes >= capacity / 2) {
    // Worth a wake-up; and a child that fills its FIFO has to wait.
    rest_ = shortest;
    return std::nullopt;
  }
  if (bytes >= capacity / 4)
    rest_ = std::max(shortest, rest_ / 2);
  else if (bytes < capacity / 16)
    rest_ = std::min(longest, rest_ * 2);
  auto step = watched ? std::min(rest_, longest_watched) : rest_;
  return time_point{(now.time_since_epoch() / step + 1) * step};
}

} // namespace saker::process
