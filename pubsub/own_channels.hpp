#pragma once

#include <string_view>

namespace saker::pubsub {

/// Where channels of Saker itself begin: nobody else may publish there. Events
/// of services, what they put out, and who did what.
inline constexpr std::string_view event_channels = "saker:";
inline constexpr std::string_view output_channels = "log:";
inline constexpr std::string_view audit_channels = "audit:";

constexpr bool is_own_channel(std::string_view name) noexcept {
  return name.starts_with(event_channels) || name.starts_with(output_channels)
         || name.starts_with(audit_channels);
}

} // namespace saker::pubsub
