#pragma once

#include "cli/work.hpp"

/// Verbs that show a text of the server as it is.
namespace saker::cli {

/// `saker life`: what happened to services.
result<int> show_life(work& with);

/// `saker config`: definitions in force.
result<int> show_config(work& with);

/// `saker logs NAME --rotate` and `--clear`.
result<int> change_logs(work& with);

} // namespace saker::cli
