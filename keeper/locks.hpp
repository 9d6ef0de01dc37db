#pragma once

#include "keeper/options.hpp"
#include "process/pidfile.hpp"

#include <optional>
#include <string>

namespace saker::keeper {

/// The lock at `path`; a dying predecessor gets a moment to let go. Fails:
/// `errc::pidfile_locked`, naming who has it; `errc::io`.
result<process::instance_lock> acquire(const std::string& path);

/// The lock of the state directory, since journal and logs are for one alone
/// too. A disk that cannot be written stops nobody here: children may live.
/// Fails: `errc::pidfile_locked`.
result<std::optional<process::instance_lock>>
acquire_state(const options& given);

/// Only then nothing can live that an earlier keeper started. The state
/// directory outlives a boot; others cannot write there.
bool is_first_of_boot(const std::optional<process::instance_lock>& state);

} // namespace saker::keeper
