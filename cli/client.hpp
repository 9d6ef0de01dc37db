#pragma once

#include "cli/work.hpp"
#include "config/environment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace saker::cli {

/// Where to ask: the option, else the variable SAKER_URL, else where the
/// configuration of `env` says that a Saker of this machine listens.
/// Fails: errc::syntax and its like, naming the source.
result<std::vector<server_address>>
addresses(const std::optional<std::string>& option, const std::string& url,
          const config::environment& env);

/// Carries the verb out. Failures are not printed yet.
result<int> carry_out(work& with);

/// The time of the day where we are, with milliseconds.
std::string local_clock(std::int64_t unix_ms);

/// Connects, carries out, prints why not. Returns the exit status.
int run_client(const client_options& asked);

} // namespace saker::cli
