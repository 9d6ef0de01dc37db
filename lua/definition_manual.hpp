#pragma once

#include <string>
#include <vector>

namespace saker::lua {

/// What the manual says of one key of a service.
struct definition_manual_row {
  std::string key;
  std::string otherwise; ///< what counts where it is not given
  bool restarts = false; ///< a change starts the child again; else it is live
  std::string meaning;
  std::string example; ///< may stand in a service as it is
};

/// In the order of the manual.
const std::vector<definition_manual_row>& definition_manual();

/// The rows as Markdown: they stand in docs/definitions.md, and a test compares
/// the two.
std::string definition_manual_table();

} // namespace saker::lua
