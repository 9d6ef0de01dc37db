#pragma once

#include "base/result.hpp"
#include "link/end.hpp"
#include "link/request.hpp"
#include "resp/value.hpp"

#include <cstdint>
#include <string>
#include <variant>

/// What the keeper tells the node: replies, in the order of the requests, and
/// pushes. `docs/keeper-protocol.md` is the contract.
namespace saker::link {

// -- replies ------------------------------------------------------------------

struct done {
  bool operator==(const done&) const = default;
};

struct refused {
  failure why;

  bool operator==(const refused&) const = default;
};

/// The answer to HELLO.
struct welcome {
  std::uint32_t version = language_version;
  std::int64_t keeper_pid = 0;
  stamp since{0};
  bool safe_mode = false;
  std::uint32_t restarts = 0;
  std::uint64_t last_spawn_id = 0;
  std::string boot_id;

  bool operator==(const welcome&) const = default;
};

/// The answer to LIST, after its rows.
struct listed {
  std::uint64_t count = 0;

  bool operator==(const listed&) const = default;
};

/// The answer to LISTEN; brings one descriptor.
struct listening {
  std::uint8_t fds = 1;
  std::string address; ///< in fact: port 0 has become a number

  bool operator==(const listening&) const = default;
};

using answer = std::variant<done, refused, welcome, listed, listening>;

struct reply {
  std::uint64_t seq = 0;
  answer what;

  bool operator==(const reply&) const = default;
};

// -- pushes -------------------------------------------------------------------

enum class row_state : std::uint8_t {
  idle = 0,
  queued = 1,
  spawning = 2,
  running = 3,
  ending = 4,
  exited = 5,
  seeking = 6, ///< a daemon whose process is to be found
};

const char* to_string(row_state x) noexcept;

/// One row of LIST.
struct row {
  std::uint8_t fds = 0; ///< read ends of the FIFOs: out (or both), err
  std::string key;
  std::uint64_t spawn_id = 0;
  child_class kind = child_class::service;
  row_state state = row_state::idle;
  std::int64_t pid = 0; ///< 0: none
  stamp started{0};
  bool adopted = false;
  std::uint64_t lost = 0; ///< bytes of output thrown away; told once
  std::string note;
  end_record end; ///< only when state is exited

  bool operator==(const row&) const = default;
};

/// `exec` has succeeded.
struct spawned {
  std::uint8_t fds = 0;
  std::string key;
  std::uint64_t spawn_id = 0;
  std::int64_t pid = 0;
  stamp started{0};

  bool operator==(const spawned&) const = default;
};

/// FAILED or EXITED, by `how.kind`.
struct ended {
  std::string key;
  std::uint64_t spawn_id = 0;
  stamp started{0};
  end_record how;

  bool operator==(const ended&) const = default;
};

/// The child of a daemon's row ended as one does that goes on as another
/// process: to be answered by ADOPT, or by SIGNAL KILL if there is none.
struct left {
  std::string key;
  std::uint64_t spawn_id = 0;
  end_record how;

  bool operator==(const left&) const = default;
};

/// A descendant outlived its leader and was left alone (`kill=leader`).
struct orphan {
  std::string key;
  std::uint64_t spawn_id = 0;
  std::int64_t pid = 0;
  std::string command;

  bool operator==(const orphan&) const = default;
};

/// SIGTERM or SIGINT came for the `count`-th time.
struct shutdown_wanted {
  std::uint32_t count = 1;

  bool operator==(const shutdown_wanted&) const = default;
};

/// SIGHUP came.
struct reload_wanted {
  bool operator==(const reload_wanted&) const = default;
};

enum class log_level : std::uint8_t { error, warning, notice, debug };

const char* to_string(log_level x) noexcept;

struct log_line {
  log_level level = log_level::notice;
  std::string text;

  bool operator==(const log_line&) const = default;
};

using push = std::variant<row, spawned, ended, left, orphan, shutdown_wanted,
                          reload_wanted, log_line>;

// -- codec --------------------------------------------------------------------

std::string encode(const reply& x);
std::string encode(const push& x);

using told = std::variant<reply, push>;

/// Reads a frame of the keeper. A failure (`corrupt`) breaks the link.
result<told> decode_told(const resp::value& frame);

/// How many descriptors belong to it: take that many from the channel.
std::size_t descriptors(const told& x);

} // namespace saker::link
