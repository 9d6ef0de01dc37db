#pragma once

#include "io/fd_watch.hpp"
#include "messages/drain_actor.hpp"
#include "process/output_fifo.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace saker {

/// What the DRAIN is given at the start.
struct drain_links {
  /// Watches a descriptor on the thread of this actor.
  std::function<std::shared_ptr<io::fd_watch>(int fd)> watch;
  std::string runtime_dir;
};

/// The FIFOs that are emptied.
///
/// | a FIFO   | event    | next, effect                                       |
/// |----------|----------|----------------------------------------------------|
/// | waits    | readable | emptied, then rests: the child has time to fill it |
/// | rests    | expire   | waits                                              |
/// | any      | detach   | closed                                             |
struct drain_state {
  using pointer = drain_actor::pointer;
  using ticket = std::uint64_t;

  static constexpr auto rest = std::chrono::milliseconds{2};

  /// Where there is no child: the next one may come.
  static constexpr auto long_rest = std::chrono::milliseconds{200};

  explicit drain_state(pointer owner) : self(owner) {
    // nop
  }

  ~drain_state();

  void attach(const std::string& key, std::uint32_t count);
  std::uint64_t detach(const std::string& key);
  void readable(ticket which);
  void expire(ticket which);

  static inline const char* name = "drain";

  pointer self;
  drain_links links;

private:
  struct stream {
    std::string key;
    unique_fd fifo;
    std::shared_ptr<io::fd_watch> watch;
  };

  void wait(ticket which, stream& x);

  ticket last_ticket_ = 0;
  std::map<ticket, stream> streams_;
  std::map<std::string, std::uint64_t> thrown_away_; ///< bytes, by key
};

/// The DRAIN. Pinned to a loop of its own: the kernel may keep a FIFO locked
/// while somebody who hangs writes it down.
///
/// | message                | reply    | meaning                               |
/// |------------------------|----------|---------------------------------------|
/// | `attach`, key, count   | —        | empty its FIFOs                       |
/// | `detach`, key          | bytes    | no more                               |
/// | `readable`, ticket     | — (self) | a FIFO is readable                    |
/// | `expire`, ticket       | — (self) | its rest is over                      |
///
/// Fails: never; a FIFO that cannot be opened is not emptied. Quits: never by
/// itself. Time: one `expire` after each FIFO that was emptied.
drain_actor::behavior_type
drain(drain_actor::stateful_pointer<drain_state> self, drain_links links);

} // namespace saker
