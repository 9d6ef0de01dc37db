#pragma once

#include "base/result.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// Who gets the signals of a stop: the child alone, or all of its descendants.
enum class kill_scope : std::uint8_t { tree, leader };

std::string_view to_string(kill_scope x) noexcept;

/// How a child is asked to end: a list of signals, commands and waits.
struct ladder {
  struct step {
    enum class kind : std::uint8_t { signal, wait, command };

    kind what = kind::signal;
    int signal = 0;
    duration wait{};

    bool operator==(const step&) const = default;
  };

  std::vector<step> steps;
  std::vector<std::string> command; ///< argv of the step `command`, if any

  bool operator==(const ladder&) const = default;

  /// The sum of all waits.
  duration length() const;
};

/// `TERM 10s KILL`, as process::parse_ladder reads it. Fails: `syntax`.
result<ladder> parse_ladder(std::string_view text);

/// Runs `argv`, waits 10 s for the end, then goes on as `TERM 10s KILL`.
ladder command_ladder(std::vector<std::string> argv);

/// `TERM 10s KILL`; the command is left out, because this text is for the
/// keeper, which has to do without a node.
std::string to_string(const ladder& x);

} // namespace saker::supervision
