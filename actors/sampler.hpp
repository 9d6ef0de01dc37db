#pragma once

#include "messages/sampler_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace saker {

/// What the SAMPLER is given at the start.
struct sampler_links {
  /// All processes now; nothing where that cannot be read.
  std::function<std::optional<process::process_snapshot>()> look;
  std::uint64_t ticks_per_second = 100;
  /// Told of the sum over the last trees that were asked for.
  std::function<void(const process::tree_usage&)> report;
};

struct sampler_state {
  using pointer = sampler_actor::pointer;

  /// For so long one look serves all who ask.
  static constexpr auto fresh = std::chrono::seconds{1};

  /// Where a process is missing it looks again sooner, but spends at most one
  /// part in so many of the time with looking.
  static constexpr auto pause_share = 10;

  explicit sampler_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(sampler_links with);
  shared_usage query(const pid_list& roots);

  static inline const char* name = "sampler";

  pointer self;
  sampler_links links;

private:
  using time_point = std::chrono::steady_clock::time_point;

  void look(bool anew);

  std::optional<process::usage_meter> meter_;
  std::optional<time_point> looked_;
  std::optional<time_point> scanned_; ///< the same, or sooner again
  time_point::duration cost_{};       ///< of one look
};

/// The SAMPLER. Spawned detached: /proc may be long.
///
/// | message       | reply          | meaning                               |
/// |---------------|----------------|---------------------------------------|
/// | `query`, pids | `shared_usage` | what they and their descendants cost  |
///
/// Fails: never; what is not there any more is left out. Quits: never by
/// itself. Time: none; without questions it does nothing.
sampler_actor::behavior_type
sampler(sampler_actor::stateful_pointer<sampler_state> self,
        sampler_links links);

} // namespace saker
