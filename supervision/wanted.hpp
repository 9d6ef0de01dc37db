#pragma once

#include <cstdint>
#include <string>

namespace saker::supervision {

/// What somebody wanted of a service or instance, until the opposite is
/// wanted. It is remembered over crashes and reboots.
struct wanted {
  std::string name; ///< a service, or `name#index` for one instance
  bool up = true;
  std::string by;      ///< user and address, for people
  std::int64_t at = 0; ///< Unix time in milliseconds

  bool operator==(const wanted&) const = default;
};

} // namespace saker::supervision
