#include "supervision/status.hpp"

#include "base/units.hpp"

#include <algorithm>

namespace saker::supervision {

duration uptime(const status& x, time_point now) {
  if (!x.started || !has_child(x.at))
    return duration::zero();
  return std::max(duration{now - *x.started}, duration::zero());
}

std::int64_t since_unix(const status& x, time_point now, std::int64_t wall) {
  if (x.since_ms != 0)
    return x.since_ms;
  return wall - in_milliseconds(now - x.since);
}

std::optional<std::string> next_text(const status& x, time_point now) {
  if (x.next.empty())
    return std::nullopt;
  if (!x.next_at)
    return x.next;
  auto left = std::max(duration{*x.next_at - now}, duration::zero());
  // Whole seconds are enough for long times, and read better.
  if (left >= std::chrono::seconds{10})
    left = std::chrono::ceil<std::chrono::seconds>(left);
  else
    left = std::chrono::ceil<std::chrono::milliseconds>(left);
  return x.next + " in " + format_duration(left);
}

std::optional<std::string> last_exit_text(const status& x) {
  if (!x.last)
    return std::nullopt;
  return to_string(x.last);
}

} // namespace saker::supervision
