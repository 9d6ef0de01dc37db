#pragma once

#include "messages/overrides_actor.hpp"

#include <filesystem>

namespace saker {

/// The OVERRIDES. Detached: it writes files, `kept` (overrides.toml) and `live`
/// (live.toml).
///
/// | message              | reply | meaning                            |
/// |----------------------|-------|------------------------------------|
/// | `change`, parameters | true  | they are on the disk, for ever     |
/// | `apply`, parameters  | true  | the next node of this keeper finds |
/// |                      |       | them                               |
///
/// Fails: `errc::io` and what a system call says. What was there before stays
/// then. Quits: never by itself.
overrides_actor::behavior_type
overrides(overrides_actor::pointer self, std::filesystem::path kept,
          std::filesystem::path live);

} // namespace saker
