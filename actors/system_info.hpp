#pragma once

#include "actors/chore_list.hpp"
#include "messages/system_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace saker {

/// Whom SYSINFO answers.
struct sysinfo_asker {
  resp::rights rights = {};
  bool every_service = true; ///< else command lines may be of others
};

/// What the SYSTEM is given at the start.
struct system_info_links {
  io::crew* chores = nullptr; ///< threads that may block; outlives it
  std::function<lua::time_point()> now = std::chrono::steady_clock::now;
  /// Answers SYSINFO: key and arguments. Called on those threads.
  std::function<result<resp::value>(const std::vector<std::string>&,
                                    const sysinfo_asker&)>
    ask;
  std::chrono::nanoseconds patience = std::chrono::seconds{10};
  std::size_t most_waiting = 1'000;
};

/// SYSINFO. Each question is a chore: file systems may hang.
struct system_info_state {
  using pointer = system_actor::pointer;
  using promise = caf::typed_response_promise<resp::value>;

  explicit system_info_state(pointer owner) : self(owner) {
    // nop
  }

  /// Whoever still waits is told: nobody else would.
  ~system_info_state();

  void begin(system_info_links with);

  caf::result<resp::value> call(command_call& what);
  void ended(std::uint64_t id, const chore_answer& answer);
  void look();

  static inline const char* name = "system";

  pointer self;
  system_info_links links;

private:
  void reply(std::uint64_t id, resp::value what);
  void want_look();

  std::optional<chore_list> chores_;
  std::unordered_map<std::uint64_t, promise> askers_;
  std::uint64_t last_ = 0;
  bool looking_ = false; ///< a `wait` is on its way
};

/// The key and its arguments, by process::sysinfo. Paths that are no mount points
/// are for those who control, secrets in the words of a process for admins.
result<resp::value>
answer_sysinfo(const std::vector<std::string>& words, const sysinfo_asker& who);

/// The SYSTEM.
///
/// | message             | reply    | meaning                              |
/// |---------------------|----------|--------------------------------------|
/// | `call`              | `value`  | SYSINFO                              |
/// | `ended`, id, answer | —        | from a thread                        |
/// | `wait`              | — (self) | has a question had its time?         |
///
/// Fails: never; errors are replies. Quits: never by itself. Time: `patience`
/// for each question, looked at once a second while there are any.
system_actor::behavior_type
system_info(system_actor::stateful_pointer<system_info_state> self,
            system_info_links links);

} // namespace saker
