#pragma once

#include "cli/work.hpp"

#include <string>
#include <vector>

namespace saker::cli {

/// `saker events`: a line for each event until the connection is lost for
/// good. A node that restarts is waited for; a note tells of the gap.
result<int> show_events(work& with);

/// `saker logs`: the last lines of each instance, then, with -f, what comes.
result<int> show_logs(work& with);

/// `later` without the lines at its beginning that are the end of `earlier`:
/// a line that is both read and received is shown once.
std::vector<std::string>
without_overlap(const std::vector<std::string>& earlier,
                std::vector<std::string> later);

} // namespace saker::cli
