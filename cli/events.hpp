#pragma once

#include "cli/work.hpp"

namespace saker::cli {

/// `saker events`: a line for each event until the connection is lost for
/// good. A node that restarts is waited for; a note tells of the gap. With
/// --since what happened before, and that gap, are read from the history, and
/// each line has its day.
result<int> show_events(work& with);

} // namespace saker::cli
