#pragma once

#include <cstdint>
#include <string_view>

namespace saker {

/// Every way in which an operation of Saker can fail. The numbers travel
/// between keeper, node and other nodes: never change one, only append.
enum class errc : std::uint8_t {
  none = 0,
  invalid_argument = 1, ///< the caller's value makes no sense
  syntax = 2,           ///< text that could not be parsed
  not_found = 3,        ///< a file, key, alias or name that is not there
  already_exists = 4,   ///< it is there, or runs, already
  not_permitted = 5,    ///< rights, owner or mode forbid it
  io = 6,               ///< a system call failed; detail names it and errno
  timeout = 7,          ///< no answer in time
  busy = 8,             ///< a budget of time is spent, or a queue is full
  out_of_memory = 9,    ///< a budget of memory is spent
  closed = 10,          ///< the other side is gone
  limit = 11,           ///< larger than a configured limit
  unsupported = 12,     ///< known, but not available (yet)
  loading = 13,         ///< not ready yet: try again
  script_error = 14,    ///< a Lua error; detail holds message and traceback
  spawn_failed = 15,    ///< a step between fork and exec; detail names it
  pidfile_locked = 16,  ///< another process holds the lock of the pidfile
  no_such_service = 17, ///< a mask that matches no service
  no_such_node = 18,    ///< a node that is unknown or not reachable
  refused = 19,         ///< understood, but the present state forbids it
  corrupt = 20,         ///< stored data that does not check out
};

/// A short name in words, for example "not found".
std::string_view to_string(errc x) noexcept;

} // namespace saker
