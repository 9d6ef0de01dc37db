#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace saker::supervision {

/// The number of an event, as in a Redis stream: `<ms>-<seq>`.
struct event_id {
  std::uint64_t ms = 0;  ///< Unix time in milliseconds, or a little before it
  std::uint64_t seq = 0; ///< counts those of the same `ms`

  auto operator<=>(const event_id&) const = default;

  explicit operator bool() const noexcept {
    return ms != 0;
  }
};

std::string to_string(const event_id& x);

/// `1700000000000-3`; nothing if it is not of that form.
std::optional<event_id> parse_event_id(std::string_view x);

/// Numbers events at once, growing for ever, also over a crash and over a
/// clock that was set back: no number is given whose milliseconds have not
/// been stored as reserved before. While a reservation is on its way, numbers
/// go on with the last reserved millisecond and a growing `seq`.
///
/// Shared by all who number events; any thread.
class sequencer {
public:
  /// How far ahead is reserved, and when the next reservation is asked for.
  static constexpr std::uint64_t reserve_ahead = 10'000;
  static constexpr std::uint64_t reserve_margin = 5'000;

  /// `reserved`: all of this millisecond and before may have been given by an
  /// earlier run; `until` is reserved for this one. `reserve(ms)` is called
  /// when more is wanted; `reserved_until(ms)` answers it, later.
  sequencer(std::uint64_t reserved, std::uint64_t until,
            std::function<void(std::uint64_t)> reserve);

  /// The next number. `now` is Unix time in milliseconds.
  event_id next(std::uint64_t now);

  /// All up to `ms` is stored as reserved.
  void reserved_until(std::uint64_t ms);

  /// The reservation was refused (disk full…): ask again with the next event.
  void reservation_failed();

private:
  std::mutex mutex_;
  std::function<void(std::uint64_t)> reserve_;
  event_id last_;
  std::uint64_t until_;
  bool asked_ = false;
};

} // namespace saker::supervision
