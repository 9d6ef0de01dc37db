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

/// Which numbers may have been given, as it stands on the disk. In
/// milliseconds.
struct reservation {
  /// In this boot of the machine: none above `line` plus the time since the
  /// boot. It rises with a clock that nobody can set. 0: of another boot.
  std::uint64_t line = 0;

  /// In earlier boots: none above this Unix time.
  std::uint64_t until = 0;

  bool operator==(const reservation&) const = default;
};

/// Two clocks that were read one after the other, in milliseconds.
struct clocks {
  std::uint64_t unix_time = 0;
  std::uint64_t since_boot = 0; ///< counts sleep, too
};

/// Numbers events at once, growing for ever, also over a crash, a reboot and a
/// clock that was set back.
///
/// | the clock               | numbers                                       |
/// |-------------------------|-----------------------------------------------|
/// | goes on                 | follow it                                     |
/// | was set back            | stay at the last `ms`, `seq` grows            |
/// | was set forward         | stay at the line until a higher one is stored |
///
/// Shared by all who number events; any thread.
class sequencer {
public:
  /// How far ahead of the clock `until` is stored, and how near it may come
  /// before that is done again. Done with an event, never by itself.
  static constexpr std::uint64_t reserve_ahead = 10'000;
  static constexpr std::uint64_t reserve_margin = 5'000;

  /// What a run stores before its first number: `found` is what the run before
  /// had stored.
  static reservation first(const reservation& found, clocks now);

  /// All numbers are above those of runs that had `found`. `held` is stored;
  /// `reserve(x)` is called when more is wanted, and reserved() answers it,
  /// later. `since_boot` is asked right after the caller has read Unix time.
  sequencer(const reservation& found, const reservation& held,
            std::function<void(const reservation&)> reserve,
            std::function<std::uint64_t()> since_boot);

  /// The next number. `now` is Unix time in milliseconds.
  event_id next(std::uint64_t now);

  /// It is stored.
  void reserved(const reservation& x);

  /// It was refused (disk full…): ask again with the next event.
  void reservation_failed();

private:
  std::mutex mutex_;
  std::function<void(const reservation&)> reserve_;
  std::function<std::uint64_t()> since_boot_;
  event_id last_;
  reservation held_;
  bool asked_ = false;
};

} // namespace saker::supervision
