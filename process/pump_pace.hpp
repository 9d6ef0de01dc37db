#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace saker::process {

/// When to read the output of one child again. A child that writes line after
/// line would wake us for each: so what comes soon after a read is left to
/// gather for a while, longer where little gathers. Whoever writes rarely, or
/// after a silence, is read at once.
class pump_pace {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  static constexpr duration shortest = std::chrono::microseconds{500};
  static constexpr duration longest = std::chrono::milliseconds{8};

  /// The same for those who look on.
  static constexpr duration longest_watched = std::chrono::milliseconds{2};

  /// Without output for so long, the next is read at once.
  static constexpr duration silence = std::chrono::milliseconds{100};

  /// A pump at `now` emptied a FIFO of `capacity` bytes, of which `bytes` were
  /// there. Returns when to pump next, at most `longest` later; nothing: as
  /// soon as there is something. Those times are the same for all who are read
  /// equally often, so that one timer does for many.
  std::optional<time_point>
  next(std::size_t bytes, std::size_t capacity, time_point now, bool watched);

private:
  duration rest_ = shortest;
  time_point last_{};
};

} // namespace saker::process
