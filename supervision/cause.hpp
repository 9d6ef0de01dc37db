#pragma once

#include "supervision/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace saker::supervision {

/// Why a child is no longer there, or never came to be.
struct cause {
  enum class kind : std::uint8_t {
    none = 0,       ///< nothing has ended yet
    exited = 1,     ///< by itself; `number` is the exit code
    signaled = 2,   ///< by signal `number`
    oom = 3,        ///< by the kernel, which had no memory left for it
    exec = 4,       ///< never ran: a step before or at exec failed
    unready = 5,    ///< not ready in time
    unhealthy = 6,  ///< its liveness check failed too often
    timeout = 7,    ///< exec did not answer within `start_timeout`
    unknown = 8,    ///< ended, but the kernel cannot tell how
    lost = 9,       ///< what the table names is no longer that process
    resources = 10, ///< what its start needs was not to be had: see is_shortage
    cancelled = 11  ///< told to stop before it ran; nobody's fault
  };

  kind what = kind::none;
  int number = 0;
  bool core = false; ///< a core file was written

  bool operator==(const cause&) const = default;

  static cause exited(int code) {
    return {kind::exited, code, false};
  }

  static cause signaled(int signal, bool core = false) {
    return {kind::signaled, signal, core};
  }

  explicit operator bool() const noexcept {
    return what != kind::none;
  }
};

/// As users see it: `exit 1`, `SIGSEGV`, `oom`, `exec`…, `none`.
std::string to_string(const cause& x);

/// What happens after an end.
struct decision {
  enum class action : std::uint8_t {
    restart,  ///< start it again, after backoff or after `after`
    done,     ///< it has finished; nothing more to do
    fatal,    ///< failed: needs a human
    escalate, ///< the tree above decides
    shutdown, ///< all of Saker ends
  };

  action what = action::restart;
  std::optional<duration> after; ///< of `restart`: instead of the backoff

  bool operator==(const decision&) const = default;
};

/// As written in a definition: `restart`, `restart after 5s`, `done`…
std::string to_string(const decision& x);

/// What stands in the exit table for one end, and which row said so.
struct judgement {
  decision then;
  std::string row; ///< `0`, `SIGSEGV`, `exec`… or `*`
};

/// Cause → decision. Keys: exit codes as decimal text, signal names (`SIGHUP`),
/// `exec unready unhealthy oom timeout unknown lost` and `*`.
class exit_table {
public:
  /// "permanent": everything is restarted, a failed exec is fatal.
  exit_table();

  /// The sugar words `permanent`, `transient` (exit 0 is done), `temporary`
  /// (whatever it is, done); nothing for another word.
  static std::optional<exit_table> named(std::string_view word);

  /// Is `key` one of the keys above?
  static bool is_key(std::string_view key);

  /// Replaces or adds one row; `key` must satisfy `is_key`.
  void set(std::string key, decision then);

  /// The row that fits best. An end by oom looks for `oom`, `SIGKILL`, `*`;
  /// all others for their own name, then `*`.
  judgement judge(const cause& why) const;

  const std::map<std::string, decision>& rows() const noexcept {
    return rows_;
  }

  bool operator==(const exit_table&) const = default;

private:
  std::map<std::string, decision> rows_;
};

} // namespace saker::supervision
