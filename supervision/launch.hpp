#pragma once

#include "process/daemon_search.hpp"
#include "process/spec.hpp"
#include "supervision/service.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// What the keeper is to start for instance `index` of `x`. `environment` is
/// Saker's own (`NAME=value`): what `inherit_env` names is taken from there,
/// `env` of the service wins over that and its env files over both, names come
/// out sorted. HOME, USER, LOGNAME and
/// SHELL are Saker's own only for a service that runs as Saker's user; else
/// the child fills them in (`user_env`). PATH falls back to
/// process::default_path.
///
/// A service with sockets is told of them in LISTEN_FDS and LISTEN_FDNAMES.
///
/// Left to the caller: the sockets themselves and LISTEN_PID, `out` and `err` of a service with a log (which FIFO it
/// is, is the keeper's affair), SAKER_INSTANCE, cgroup.
process::spec to_spec(const service& x, std::uint32_t index,
                      const std::vector<std::string>& environment);

/// The stop command of instance `index` as a job: same user, directory and
/// environment as the service, plus MAINPID. Its argv is empty if `x` stops
/// without a command.
process::spec to_stop_spec(const service& x, std::uint32_t index, int pid,
                           const std::vector<std::string>& environment);

/// Likewise its reload command; empty if `x` reloads by a signal or not at all.
process::spec to_reload_spec(const service& x, std::uint32_t index, int pid,
                             const std::vector<std::string>& environment);
/// The commands of a hook of instance `index`, as jobs: same user, directory and
/// environment as the service, plus `more`.
std::vector<process::spec>
to_hook_specs(const service& x, std::uint32_t index, hook_kind which,
              const std::map<std::string, std::string>& more,
              const std::vector<std::string>& environment);

/// How the process of a daemon, instance `index`, is recognized. Only where
/// `daemon` is set. `environment`: as above, for the PATH of the child.
process::daemon_rule
to_daemon_rule(const service& x, std::uint32_t index,
               const std::vector<std::string>& environment);

} // namespace saker::supervision
