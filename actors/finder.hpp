#pragma once

#include "messages/finder_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <vector>

namespace saker {

/// What the FINDER is given. Both may block.
struct finder_links {
  std::function<process::finding(const process::daemon_rule&)> by_pidfile;
  std::function<std::vector<process::finding>(
    const std::vector<process::daemon_rule>&)>
    by_match;
  std::function<std::chrono::steady_clock::time_point()> clock;
};

/// Pidfiles are read at once. Whoever has only an expression shares one walk
/// over all processes with those who ask at about the same time, and the walks
/// take at most a fifth of this thread. Its queue is bounded by the number of
/// daemons: each has one question at a time.
struct finder_state {
  using pointer = finder_actor::pointer;

  /// Others may ask, too.
  static constexpr auto gathering = std::chrono::milliseconds{5};

  explicit finder_state(pointer owner) : self(owner) {
    // nop
  }

  caf::result<process::finding> query(const process::daemon_rule& what);
  void walk();

  static inline const char* name = "finder";

  pointer self;
  finder_links links;

private:
  std::vector<process::daemon_rule> rules_;
  std::vector<caf::typed_response_promise<process::finding>> askers_;
  std::chrono::steady_clock::time_point next_{}; ///< no walk before
};

/// The FINDER. Runs on a thread of its own.
///
/// | message         | reply     | meaning                                    |
/// |-----------------|-----------|--------------------------------------------|
/// | `query`, rule   | `finding` | who is that daemon now?                    |
/// | `tick`          | — (self)  | one walk for all who asked                 |
///
/// Fails: never; what cannot be read is a finding. Quits: never by itself.
/// Time: the pause before a walk, only while somebody waits for it.
finder_actor::behavior_type
finder(finder_actor::stateful_pointer<finder_state> self, finder_links links);

} // namespace saker
