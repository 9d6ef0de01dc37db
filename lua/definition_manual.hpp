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

/// Is `otherwise` a Lua value that may be written for the key, and not a word
/// about it?
bool has_value(const definition_manual_row& x);

/// docs/definitions.md: all of it.
std::string definition_manual_text();

} // namespace saker::lua
