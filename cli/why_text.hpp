#pragma once

#include "cli/status_rows.hpp"
#include "cli/status_table.hpp"

#include <string>
#include <vector>

namespace saker::cli {

/// What SVSTATUS knows about why an instance is as it is: a line for each
/// question, for servers that cannot tell more.
std::vector<std::string>
why_text(const service_row& x, const status_notes& notes,
         const viewpoint& from);

} // namespace saker::cli
