#pragma once

#include "base/result.hpp"
#include "process/ladder.hpp"
#include "process/spec.hpp"
#include "resp/value.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the node asks of the keeper. `docs/keeper-protocol.md` is the contract;
/// these are its requests as plain structs, one per verb.
namespace saker::link {

/// The version of the language.
inline constexpr std::uint32_t language_version = 2;

/// The first one in which SPAWN knows `sockets`.
inline constexpr std::uint32_t sockets_version = 2;

inline constexpr std::size_t max_note = 256;
inline constexpr std::size_t max_key = 80;

/// `daemon`: a service whose program leaves, and goes on as another process.
enum class child_class : std::uint8_t { service = 0, job = 1, daemon = 2 };

/// Services of both kinds outlive the node, jobs do not.
constexpr bool outlives_node(child_class x) noexcept {
  return x != child_class::job;
}

enum class kill_mode : std::uint8_t { tree = 0, leader = 1 };
enum class output_mode : std::uint8_t { none = 0, merged = 1, split = 2 };
enum class proof : std::uint8_t { none = 0, kin = 1 };
enum class farewell : std::uint8_t {
  begun = 0,
  keep = 1,
  stop = 2,
  leaving = 3
};

struct hello {
  std::uint32_t version = language_version;
  std::string text; ///< who it is, for the log

  bool operator==(const hello&) const = default;
};

struct ready {
  bool operator==(const ready&) const = default;
};

struct list {
  bool operator==(const list&) const = default;
};

/// Start one child. `spec` says what it is, the rest how it is kept.
struct spawn {
  std::string key;            ///< `name#index`
  std::uint64_t spawn_id = 0; ///< of one key: it grows
  child_class kind = child_class::service;
  std::string stop = "TERM 10s KILL"; ///< ladder
  kill_mode kill = kill_mode::tree;
  std::chrono::milliseconds start_timeout{30'000};
  output_mode output = output_mode::merged;
  process::spec what;
  std::vector<std::string> sockets = {}; ///< held addresses: 3, 4… of the child

  bool operator==(const spawn&) const = default;
};

/// That process is the child from now on: a daemon that was started by the
/// child of this spawn-id, goes on after it, or has been there before.
struct adopt {
  std::string key;
  std::uint64_t spawn_id = 0;
  std::int64_t pid = 0;
  std::uint64_t start_time = 0; ///< clock ticks since boot: which `pid`
  std::string stop = "TERM 10s KILL";
  kill_mode kill = kill_mode::tree;
  proof needs = proof::none; ///< `kin`: it must descend from that spawn-id

  bool operator==(const adopt&) const = default;
};

/// Send a signal to a child, or to its whole process group.
struct signal {
  std::string key;
  int number = 0;
  bool group = false;

  bool operator==(const signal&) const = default;
};

struct note {
  std::string key;
  std::string bytes; ///< opaque, at most max_note

  bool operator==(const note&) const = default;
};

/// Output that was thrown away and that no log tells of yet.
struct lost {
  std::string key;
  std::uint64_t bytes = 0; ///< replaces the number before

  bool operator==(const lost&) const = default;
};

struct forget {
  std::string key;

  bool operator==(const forget&) const = default;
};

struct seen {
  std::string key;
  std::uint64_t spawn_id = 0;

  bool operator==(const seen&) const = default;
};

struct ack {
  std::string key;
  std::uint64_t spawn_id = 0;

  bool operator==(const ack&) const = default;
};

struct listen {
  std::string address; ///< `127.0.0.1:1`, `[::1]:1`, `*:1`, `unix:/a/b`
  int backlog = 511;
  unsigned mode = 0660; ///< of a socket file
  std::string group;    ///< of a socket file; name, number or empty

  bool operator==(const listen&) const = default;
};

struct unlisten {
  std::string address;

  bool operator==(const unlisten&) const = default;
};

struct shutdown {
  farewell how = farewell::begun;
  int code = 0; ///< exit status of the keeper

  bool operator==(const shutdown&) const = default;
};

using request
  = std::variant<hello, ready, list, spawn, adopt, signal, note, lost, forget,
                 seen, ack, listen, unlisten, shutdown>;

/// A request and its running number.
struct numbered_request {
  std::uint64_t seq = 0;
  request what;
};

/// The longest request that may be sent. What fits is never refused by the
/// reader of the frame, so it cannot break the link, whatever is in it.
inline constexpr std::size_t max_request = std::size_t{2} << 20;

/// One frame.
std::string encode(std::uint64_t seq, const request& x);

/// One frame, if the keeper takes it and Linux takes what it asks for. Fails:
/// `errc::limit`, naming what is too long.
result<std::string> encode_checked(std::uint64_t seq, const request& x);

/// The running number of a frame, or nothing: then it is no request at all
/// and the link is broken.
std::optional<std::uint64_t> sequence_of(const resp::value& frame);

/// Reads a frame. Fails with `not_found` (unknown verb), `unsupported`
/// (reserved verb) or `invalid_argument` (what is wrong with which argument).
result<request> decode_request(const resp::value& frame);

/// Whether `x` has the form `name#index`.
bool is_key(std::string_view x) noexcept;

} // namespace saker::link
