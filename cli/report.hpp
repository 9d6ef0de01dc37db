#pragma once

#include "cli/exit_status.hpp"
#include "resp/value.hpp"

#include <string>
#include <vector>

namespace saker::cli {

/// What a verb has to say.
struct report {
  std::vector<std::string> lines;    ///< for standard output
  std::vector<std::string> problems; ///< `object: reason`, for standard error
  int status = fine;
};

/// The reply to SVSTART and its like: `web:0: running, pid 4711` for each
/// instance; those with a code other than 0 are problems.
report outcome_report(const resp::value& reply);

/// The reply to SVAPPLY and SVPLAN: a line for each service that changes, and
/// how many do not. Errors in definitions are problems, warnings are not
/// enough for another status.
report plan_report(const resp::value& reply);

} // namespace saker::cli
