#pragma once

#include "actors/history_store.hpp"
#include "supervision/history_queue.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace saker {

/// What is kept of one kind of events, and how.
struct shelf_rules {
  /// Those that are to be stored; may be null: none ever come.
  std::shared_ptr<supervision::history_queue> from;
  std::uint64_t keep_events = 100'000;
  std::chrono::milliseconds keep_time = std::chrono::hours{24 * 30};
  /// What stands in the place of `count` that were lost, before those that come
  /// next; the last one had that id.
  std::function<past_event(const supervision::event_id&, std::uint64_t count)>
    gap;
  std::string loss; ///< for the log: `what happens is not recorded`
};

/// From a queue into a table: some at a time, and the oldest give way. What the
/// disk refuses is lost, and counted. One owner; its calls take as long as the
/// disk does.
class event_shelf {
public:
  /// Events that are stored at once; then others get their turn.
  static constexpr std::size_t batch_size = 1'000;

  /// How often old events are looked for, while new ones come.
  static constexpr std::int64_t prune_every = 60'000;

  event_shelf(shelf_rules how, std::function<void(const std::string&)> warn)
    : how_(std::move(how)), warn_(std::move(warn)) {
    // nop
  }

  /// Whether there is more to store.
  bool store_some(history_store& to);

  void store_all(history_store& to) {
    while (store_some(to)) {
      // nop
    }
  }

  /// Now and then, but often enough that much cannot gather.
  void prune(history_store& from, std::int64_t now);

private:
  shelf_rules how_;
  std::function<void(const std::string&)> warn_;
  bool fails_ = false;
  std::uint64_t missed_ = 0; ///< events that no gap tells of yet
  supervision::event_id last_missed_;
  std::uint64_t stored_ = 0; ///< since it was pruned
  std::optional<std::int64_t> pruned_at_;
};

} // namespace saker
