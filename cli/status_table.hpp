#pragma once

#include "cli/status_rows.hpp"
#include "cli/table.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace saker::cli {

/// When something is shown.
struct viewpoint {
  std::chrono::milliseconds now{0}; ///< Unix time, as the server knows it
  /// How long ago the rows were told: `restart in 5s` is that much nearer.
  std::chrono::milliseconds elapsed{0};
};

/// The table of `saker status`: titles, a line for each row, and below those
/// of broken services why, what they said last, where their log is. On a
/// narrow canvas columns go in this order: NODE MEM CPU PID RST READY
/// LAST EXIT SINCE NEXT.
std::vector<std::string>
status_table(const std::vector<service_row>& rows, const status_notes& notes,
             const viewpoint& from, const canvas& on);

/// `restart in 5s` when `elapsed` has passed: `restart in 3s`. Other texts
/// stay as they are.
std::string
next_after(const std::string& next, std::chrono::milliseconds elapsed);

/// How a state is painted.
look look_of(const service_row& x);

} // namespace saker::cli
