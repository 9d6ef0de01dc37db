#pragma once

#include "cli/work.hpp"

#include <string>
#include <vector>

namespace saker::cli {

/// `saker logs`: the last lines of each instance, then, with -f, what comes.
result<int> show_logs(work& with);

/// `later` without the lines at its beginning that are the end of `earlier`:
/// a line that is both read and received is shown once.
std::vector<std::string>
without_overlap(const std::vector<std::string>& earlier,
                std::vector<std::string> later);

} // namespace saker::cli
