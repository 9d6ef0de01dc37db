#pragma once

#include "cli/status_rows.hpp"
#include "cli/work.hpp"

#include <chrono>

namespace saker::cli {

/// What SVSTATUS tells at one moment.
struct overview {
  std::vector<service_row> rows;
  status_notes notes;
  milliseconds told_at{0};  ///< Unix time of the server
  milliseconds taken_at{0}; ///< our clock
};

/// Asks for the instances that `names` mean.
result<overview> look_at(work& with, const std::vector<std::string>& names);

/// The table as it is `now` on our clock.
std::vector<std::string>
table_of(const overview& x, milliseconds now, const canvas& on);

/// `saker status`.
result<int> show_status(work& with);

/// `saker why`: what SVWHY tells, else what SVSTATUS knows.
result<int> show_why(work& with);

/// `saker nodes`.
result<int> show_nodes(work& with);

} // namespace saker::cli
