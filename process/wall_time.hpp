#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace saker::process {

/// `2024-05-01 10:00:00Z`, from Unix seconds.
std::string utc_text(std::int64_t seconds);

/// Unix seconds at which a process began, from its `start_time` in /proc: exact
/// to a second. Nothing without /proc.
std::optional<std::int64_t> wall_time_of(std::uint64_t start_time);

} // namespace saker::process
