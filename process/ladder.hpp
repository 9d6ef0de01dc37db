#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace saker::process {

/// One rung: send `signal`, then wait before the next one.
struct rung {
  int signal = 0;
  std::chrono::nanoseconds wait{0};

  bool operator==(const rung&) const = default;
};

/// How a process is stopped: `TERM 10s KILL` has two rungs.
using ladder = std::vector<rung>;

/// The longest text of a ladder, in bytes.
inline constexpr std::size_t max_ladder = 128;

/// Reads `TERM 10s QUIT 1s KILL`: signal names without SIG (with it is fine,
/// case does not matter), durations of at most a day between them. A ladder
/// starts with a signal, has at most 16 of them and is written in at most
/// `max_ladder` bytes. A duration may end it. Fails: `syntax`.
result<ladder> parse_ladder(std::string_view text);

/// The text that parse_ladder reads back.
std::string to_string(const ladder& x);

/// Whether SIGCONT should follow, so that a stopped process hears `signal`.
bool wants_continue(int signal) noexcept;

} // namespace saker::process
