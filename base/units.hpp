#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace saker {

/// A duration as users write it: `200ms`, `10s`, `5m`, `2h`, `30 days`, `1d`;
/// fractions (`1.5s`) too. A bare number is refused except `0`.
result<std::chrono::nanoseconds> parse_duration(std::string_view x);

/// The shortest exact form: `200ms`, `10s`, `5m`, `1h30m`; at most two units.
std::string format_duration(std::chrono::nanoseconds x);

/// Whole milliseconds, cut off.
constexpr std::int64_t in_milliseconds(std::chrono::nanoseconds x) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(x).count();
}

/// A size in bytes as Redis writes it: `64mb` = 64·1024², `64m` = 64·1000²,
/// `512`, `1g`, `1gb`, `64k`, `64kb`; case does not matter. `M` alone in Lua
/// definitions means the same as here.
result<std::uint64_t> parse_size(std::string_view x);

/// `64mb`, `512` …: the shortest exact form that parse_size reads back.
std::string format_size(std::uint64_t x);

} // namespace saker
