#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace saker::pubsub {

/// How much may wait to be sent to one client. 0: no limit.
struct output_rule {
  std::uint64_t hard = 0;              ///< bytes: cut off at once
  std::uint64_t soft = 0;              ///< bytes: cut off after …
  std::chrono::nanoseconds patience{}; ///< … being above for longer than this

  bool operator==(const output_rule&) const = default;
};

/// Redis' default for clients that have subscribed.
inline constexpr output_rule default_pubsub_rule{
  std::uint64_t{32} << 20, std::uint64_t{8} << 20, std::chrono::seconds{60}};

/// Reads `32mb 8mb 60s`, or one size for a hard limit only: `0`, `64mb`.
result<output_rule> parse_output_rule(std::string_view text);

/// Watches the unsent bytes of one client.
class output_limit {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// True if the client is to be cut off: dropped at once with what it has
  /// not been sent. `rule` may differ from call to call, as a client becomes a
  /// subscriber.
  bool exceeded(const output_rule& rule, std::uint64_t unsent,
                time_point now) noexcept;

  /// When to ask again although nothing is added; nothing while below the
  /// soft limit.
  std::optional<time_point> deadline(const output_rule& rule) const noexcept;

private:
  std::optional<time_point> above_since_;
};

} // namespace saker::pubsub
