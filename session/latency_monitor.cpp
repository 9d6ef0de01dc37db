#include "session/latency_monitor.hpp"

#include <algorithm>

namespace saker::session {

void latency_monitor::note(std::string_view name,
                           std::chrono::nanoseconds took) {
  auto ms = std::chrono::duration_cast<milliseconds>(took).count();
  if (!enabled() || ms < threshold_.load(std::memory_order_relaxed))
    return;
  auto at = now();
  std::lock_guard guard{mutex_};
  auto& x = events_[std::string{name}];
  x.longest = std::max<std::int64_t>(x.longest, ms);
  if (!x.samples.empty() && x.samples.back().at == at) {
    x.samples.back().ms = std::max<std::int64_t>(x.samples.back().ms, ms);
    return;
  }
  x.samples.push_back({at, ms});
  if (x.samples.size() > most_samples)
    x.samples.pop_front();
}

latency_monitor::events latency_monitor::all() const {
  std::lock_guard guard{mutex_};
  return events_;
}

std::optional<latency_monitor::event>
latency_monitor::find(std::string_view name) const {
  std::lock_guard guard{mutex_};
  auto i = events_.find(name);
  if (i == events_.end())
    return std::nullopt;
  return i->second;
}

std::size_t latency_monitor::forget(std::span<const std::string_view> names) {
  std::lock_guard guard{mutex_};
  if (names.empty())
    return std::exchange(events_, {}).size();
  std::size_t count = 0;
  for (auto name : names)
    if (auto i = events_.find(name); i != events_.end()) {
      events_.erase(i);
      ++count;
    }
  return count;
}

std::int64_t latency_monitor::now() const {
  return std::chrono::duration_cast<std::chrono::seconds>(
           wall_().time_since_epoch())
    .count();
}

} // namespace saker::session
