#pragma once

#include "base/result.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace saker::supervision {

/// The options that stand at the end of a command to services.
struct control_options {
  std::optional<duration> wait;         ///< `WAIT ms`
  std::optional<std::uint32_t> rolling; ///< `ROLLING n`: so many at a time

  bool operator==(const control_options&) const = default;
};

/// Takes the options off the end of `args`, in any order, each once. Without
/// `may_roll` ROLLING is refused. Fails: `syntax`, with the text to reply.
result<control_options>
take_options(std::span<const std::string>& args, bool may_roll);

} // namespace saker::supervision
