#pragma once

#include "lua/definition.hpp"
#include "supervision/definitions.hpp"

#include <vector>

namespace saker::lua {

/// What one file says.
struct file_result {
  std::vector<supervision::service> services; ///< in the order of the file
  std::vector<supervision::problem> errors;
  std::vector<supervision::problem> warnings;
};

/// Runs one file in a sandbox of its own.
file_result
evaluate_file(const definition_file& file, const definition_options& options);

} // namespace saker::lua
