#pragma once

#include "supervision/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// When the commands of a hook are run.
enum class hook_kind : std::uint8_t {
  before,    ///< before each start; the child comes only if they succeed
  after,     ///< after each end; what comes next waits for them
  on_failed, ///< once it has failed; nobody waits for them
};

/// As users write them: `before`…
std::string_view to_string(hook_kind x) noexcept;

/// How many of the last lines of a log last_words() wants to see.
inline constexpr std::uint32_t lines_for_last_words = 20;

/// What a service put out last: the last of these lines of its log that no
/// command wrote which came after its end, or was about it (`[after] …`); if
/// there is none, the last line.
std::string_view last_words(std::string_view lines) noexcept;

/// Commands that are run one after the other beside a child; or, of
/// `on_failed`, a web server that is told.
struct hook {
  std::vector<std::vector<std::string>> commands; ///< argv each
  duration within = std::chrono::seconds{30};     ///< for all of them together
  std::string url = {};                           ///< in place of commands

  bool operator==(const hook&) const = default;

  bool empty() const noexcept {
    return commands.empty() && url.empty();
  }
};

} // namespace saker::supervision
