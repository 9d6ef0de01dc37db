#pragma once

#include "messages/log_actor.hpp"
#include "messages/log_interest_actor.hpp"
#include "pubsub/index.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <string>

namespace saker {

/// What the LOG INTEREST is given at the start.
struct log_interest_links {
  /// Spawns the LOG of a key, which publishes on that channel.
  std::function<log_actor(const std::string& key, const std::string& channel)>
    start;
};

/// Who puts out where, and what is listened to.
///
/// | a key    | event                               | next                    |
/// |----------|-------------------------------------|-------------------------|
/// | unheard  | somebody wants its channel          | heard: a LOG is started |
/// | heard    | nobody wants it any more            | unheard: it is stopped  |
/// | heard    | `enroll` with another channel       | as that is wanted       |
/// | heard    | `withdraw`                          | gone: it is stopped     |
struct log_interest_state {
  using pointer = log_interest_actor::pointer;

  explicit log_interest_state(pointer owner) : self(owner) {
    // nop
  }

  ~log_interest_state();

  void enroll(const std::string& key, const std::string& channel);
  void withdraw(const std::string& key);
  void change(const pubsub::topic_change& what);

  static inline const char* name = "log-interest";

  pointer self;
  log_interest_links links;

private:
  struct source {
    std::string channel;
    log_actor log; ///< null: nobody listens
  };

  void review(const std::string& key, source& x);
  void stop(source& x);

  std::map<std::string, source> sources_;
  pubsub::index wanted_; ///< with one subscriber, who stands for all
};

/// The LOG INTEREST: whose output nobody listens to costs nothing.
///
/// | message                | reply | meaning                                |
/// |------------------------|-------|----------------------------------------|
/// | `enroll`, key, channel | —     | its output goes there                  |
/// | `withdraw`, key        | —     | it is no more                          |
/// | `change`, topic        | —     | somebody wants it, or nobody any more  |
///
/// Fails: never. Quits: never by itself. Time: none.
log_interest_actor::behavior_type
log_interest(log_interest_actor::stateful_pointer<log_interest_state> self,
             log_interest_links links);

} // namespace saker
