#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>

namespace saker::cli {

/// What SVLIFE takes behind SINCE, for what people write: `10m` before `now`
/// (Unix ms), a time of the day that was last (`13:05`, `13:05:30`), a day
/// (`2026-11-28`), both with a blank or `T` between them, Unix milliseconds, or
/// the id of an event. Times are those of this machine's zone. Fails:
/// errc::invalid_argument.
result<std::string> since_argument(const std::string& text, std::int64_t now);

/// The day of that time, where the reader is: `2026-11-28`.
std::string local_day(std::int64_t unix_ms);

} // namespace saker::cli
