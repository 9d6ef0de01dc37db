#pragma once

#include "messages/auditor_actor.hpp"
#include "messages/broker_actor.hpp"
#include "session/audit_trail.hpp"
#include "supervision/history_queue.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace saker {

/// What the AUDITOR is given at the start.
struct auditor_links {
  std::string node; ///< the name of this one
  session::shared_trail trail;
  broker_actor broker;
  /// On their way to the journal; may be null.
  std::shared_ptr<supervision::history_queue> journal;
  /// Says a line in the log, to which that JSON belongs.
  std::function<void(const std::string& line, const std::string& event)> say;
  std::function<std::chrono::system_clock::time_point()> wall_clock
    = std::chrono::system_clock::now;
};

/// What the trail lets through becomes events and lines of the log.
///
/// | phase    | event    | next                                           |
/// |----------|----------|------------------------------------------------|
/// | any      | `tell`   | the same: told                                 |
/// | any      | `wait`   | counting, for a second                         |
/// | counting | `expire` | what was left out is told, of each user once   |
struct auditor_state {
  using pointer = auditor_actor::pointer;

  explicit auditor_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(auditor_links with);

  void tell(const session::audit_entry& x);
  void wait();
  void expire();

  static inline const char* name = "auditor";

  pointer self;
  auditor_links links;

private:
  std::uint64_t number_ = 0; ///< of the last entry, so that all differ
};

/// The AUDITOR.
///
/// | message       | reply    | meaning                                       |
/// |---------------|----------|-----------------------------------------------|
/// | `tell`, entry | —        | somebody did something                        |
/// | `wait`        | —        | something was left out                        |
/// | `expire`      | — (self) | say how much                                  |
///
/// Fails: never. Quits: never by itself. Time: one `expire` a second after
/// `wait`. How much comes in is bounded by the trail.
auditor_actor::behavior_type
auditor(auditor_actor::stateful_pointer<auditor_state> self,
        auditor_links links);

} // namespace saker
