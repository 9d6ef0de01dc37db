#pragma once

#include "resp/command_table.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

/// What LATENCY tells: for how long something held up others, by event, as
/// Redis keeps it: `command`, `fast-command`, and `journal-write` of our own.
/// Only what took at least as long as `latency-monitor-threshold` says. Any
/// thread.
class latency_monitor {
public:
  using milliseconds = std::chrono::milliseconds;
  using clock = std::function<std::chrono::system_clock::time_point()>;

  /// The longest one of a second.
  struct sample {
    std::int64_t at = 0; ///< Unix seconds
    std::int64_t ms = 0;

    bool operator==(const sample&) const = default;
  };

  struct event {
    std::int64_t longest = 0;   ///< ms, since it is counted
    std::deque<sample> samples; ///< the oldest first, never empty
  };

  using events = std::map<std::string, event, std::less<>>;

  /// So many samples of an event are kept.
  static constexpr std::size_t most_samples = 160;

  explicit latency_monitor(clock wall = std::chrono::system_clock::now)
    : wall_(std::move(wall)) {
    // nop
  }

  /// 0 switches it off.
  void set_threshold(milliseconds x) noexcept {
    threshold_.store(x.count(), std::memory_order_relaxed);
  }

  bool enabled() const noexcept {
    return threshold_.load(std::memory_order_relaxed) > 0;
  }

  void note(std::string_view name, std::chrono::nanoseconds took);

  events all() const;
  std::optional<event> find(std::string_view name) const;

  /// Forgets these, or all if there are none; returns how many there were.
  std::size_t forget(std::span<const std::string_view> names);

  std::int64_t now() const; ///< Unix seconds

private:
  clock wall_;
  std::atomic<std::int64_t> threshold_{0};
  mutable std::mutex mutex_; // guards what follows
  events events_;
};

/// The event of a command that took long; null: of a script.
constexpr std::string_view event_of(const resp::command_info* what) noexcept {
  return what && resp::has(what->flags, resp::flag::fast) ? "fast-command"
                                                          : "command";
}

} // namespace saker::session
