#pragma once

#include "cli/work.hpp"

namespace saker::cli {

/// `saker status --watch`: subscribes to the events, then shows the status
/// anew after each of them, many at a time when many come. Ages go on by
/// themselves, without asking. On a terminal in place, into a pipe table after
/// table. Connects again when the node restarts. Returns only when that fails.
result<int> watch_status(work& with);

} // namespace saker::cli
