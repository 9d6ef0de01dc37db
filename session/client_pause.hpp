#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace saker::session {

/// What clients may not do for now.
enum class suspension : std::uint8_t {
  none,
  writes, ///< nothing that changes or tells something
  all,
};

/// `CLIENT PAUSE ms [WRITE|ALL]`.
struct pause_order {
  std::chrono::milliseconds time{0};
  suspension what = suspension::all;
};

/// `args` from CLIENT on. Fails with the text of the error, code included.
result<pause_order> parse_pause(std::span<const std::string> args);

/// `CLIENT UNBLOCK id [TIMEOUT|ERROR]`.
struct unblock_order {
  std::uint64_t id = 0;
  bool as_error = false; ///< else as if its time were over
};

/// Likewise.
result<unblock_order> parse_unblock(std::span<const std::string> args);

} // namespace saker::session
