#pragma once

#include "process/spawn_step.hpp"

#include <optional>
#include <string_view>

namespace saker::process {

/// For tests: what shall go wrong in one step.
struct spawn_fault {
  enum class kind : std::uint8_t {
    fail,      ///< the step returns `error`
    bad_alloc, ///< the step throws
    hang,      ///< the step never returns
    die,       ///< the child is killed in it
  };

  spawn_step step = spawn_step::none;
  kind what = kind::fail;
  int error = 0;

  bool operator==(const spawn_fault&) const = default;
};

/// `dir:EIO`, `dir:5`, `user:bad_alloc`, `lookup:hang`, `limits:die`.
std::optional<spawn_fault> parse_spawn_fault(std::string_view text);

/// The fault that `text`, usually SAKER_SPAWN_FAULT of our own environment,
/// prescribes for this child: `step:what` hits all that have SAKER_INSTANCE in
/// their environment, `step:what@web` those whose instance starts with `web`.
std::optional<spawn_fault>
spawn_fault_for(const spec& what, std::string_view text);

} // namespace saker::process
