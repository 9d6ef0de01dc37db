#pragma once

#include "resp/value.hpp"
#include "supervision/service.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace saker {

/// How a definition is shown.
struct config_view {
  std::optional<std::uint32_t> index; ///< of one instance; else `{i}` stays
  bool secrets = false;               ///< in clear, not as `***`
  std::string state_dir;              ///< for the path of the log
};

/// The reply to SVCONFIG as a map: every key of a definition with the value
/// that counts, defaults too; then `name` and `where`, the line of the file
/// that it comes from. Durations and sizes are texts as in a definition; what
/// has no value is null.
resp::value config_map(const supervision::service& x, const config_view& how);

/// The same for eyes, as Lua: `service "web" {`, a line for each key that says
/// something, `}`.
/// ASCII only.
std::vector<std::string>
config_text(const supervision::service& x, const config_view& how);

} // namespace saker
