#pragma once

#include "messages/broker_actor.hpp"
#include "messages/log_actor.hpp"
#include "process/output_lines.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <string>

namespace saker {

/// What a LOG is given at the start.
struct log_links {
  std::string key;     ///< of the instance
  std::string channel; ///< `log:<node>:<instance>`
  writer_actor writer;
  broker_actor broker;
};

/// The unfinished lines of one instance; out (or both) and err each have one.
///
/// | unfinished line | event      | next, effect                            |
/// |-----------------|------------|-----------------------------------------|
/// | any             | newline    | none: published                         |
/// | any             | too long   | published, goes on as a new one         |
/// | any             | gap        | none: published, then how much is       |
/// |                 |            | missing                                 |
/// | any             | `last`     | none: published                         |
/// | any             | lines of   | none: published, then these             |
/// |                 | its hooks  |                                         |
/// | for a second    | `expire`   | none: published, goes on as a new one   |
struct log_state {
  using pointer = log_actor::pointer;
  using time_point = std::chrono::steady_clock::time_point;

  /// How long the end of a line is waited for.
  static constexpr auto patience = std::chrono::seconds{1};

  explicit log_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(log_links with);

  void deliver(const output_copy& what);
  void stop();
  void expire();

  static inline const char* name = "log";

  pointer self;
  log_links links;

private:
  struct stream {
    process::output_lines lines;
    time_point since; ///< when the unfinished line began
  };

  void publish(session::publish_batch what);
  void wait_for_ends();

  std::array<stream, 2> streams_;
  bool waits_ = false; ///< an `expire` is under way
};

/// A LOG. Pinned to the I/O thread, where its listeners are.
///
/// | message         | reply    | meaning                                  |
/// |-----------------|----------|------------------------------------------|
/// | `deliver`, copy | `unit`   | a piece of output: publish its lines     |
/// | `stop`          | —        | nobody listens any more                  |
/// | `expire`        | — (self) | no end of a line came for long           |
///
/// Its answer to `deliver` follows what it published, so that whoever waits
/// for it publishes later.
///
/// Fails: never. Quits: after `stop`. Time: one `expire` while a line is
/// unfinished.
log_actor::behavior_type
log(log_actor::stateful_pointer<log_state> self, log_links links);

} // namespace saker
