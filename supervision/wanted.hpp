#pragma once

#include <cstdint>
#include <string>

namespace saker::supervision {

/// What somebody wanted of a service or instance, until the opposite is
/// wanted. It is remembered over crashes and reboots.
struct wanted {
  std::string name; ///< a service, or `name#index` for one instance
  bool up = true;
  std::string by;       ///< user and address, for people
  std::int64_t at = 0;  ///< Unix time in milliseconds
  bool dropped = false; ///< it was left alone; then `up` is false

  bool operator==(const wanted&) const = default;
};

/// What somebody set beside the definition; it is remembered likewise.
struct setting {
  enum class topic : std::uint8_t {
    autostart = 0, ///< of an instance: 0 or 1
    count = 1,     ///< of a service: how many instances
    command = 2,   ///< of a service without a definition: its argv
  };

  topic what = topic::autostart;
  std::string name; ///< `name#index`, or a service
  std::int64_t value = 0;
  std::int64_t instead_of = 0; ///< what the definition said then
  std::string by;              ///< user and address, for people
  std::int64_t at = 0;         ///< Unix time in milliseconds
  std::string text = {};       ///< of `command`: each word ends in a zero byte

  bool operator==(const setting&) const = default;
};

} // namespace saker::supervision
