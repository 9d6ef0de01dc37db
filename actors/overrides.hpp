#pragma once

#include "messages/overrides_actor.hpp"

#include <filesystem>

namespace saker {

/// The OVERRIDES. Detached: it writes a file.
///
/// | message              | reply | meaning                            |
/// |----------------------|-------|------------------------------------|
/// | `change`, parameters | true  | they are on the disk, for ever     |
///
/// Fails: `errc::io` and what a system call says. What was there before stays
/// then. Quits: never by itself.
overrides_actor::behavior_type
overrides(overrides_actor::pointer self, std::filesystem::path file);

} // namespace saker
