#pragma once

#include "supervision/states.hpp"
#include "supervision/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::supervision {

/// Those who wait until instances have reached a state: SVWAIT. Whoever has
/// reached it counts, also if it has left it again. Whoever fails or is no more
/// is not waited for: nothing leads on from there. A change of one instance
/// costs those who wait for it, and nobody else.
class wait_list {
public:
  using ticket = std::uint64_t;

  /// Instances that are waited for, counted once for each who waits.
  static constexpr std::size_t most_watched = 100'000;

  enum class outcome : std::uint8_t {
    over, ///< at once: nothing is remembered
    waiting,
    full, ///< too many wait already: nothing is remembered
  };

  /// What became of a wait, and how many got there so far.
  struct added {
    outcome what = outcome::over;
    std::size_t reached = 0;

    bool operator==(const added&) const = default;
  };

  /// Who waits no more, and how many of theirs got there; they are forgotten.
  using ended = std::vector<std::pair<ticket, std::size_t>>;

  /// An instance by its key and where it stands now.
  using place = std::pair<std::string, state>;

  /// `who` waits, on behalf of `client`, for all of `places`, each of them a
  /// different one.
  added add(ticket who, std::uint64_t client, const std::vector<place>& places,
            state until, time_point deadline);

  /// An instance is in this state now.
  ended told(std::string_view key, state now);

  /// An instance is no more; what comes under its key later is another one.
  ended gone(std::string_view key);

  /// Whose time is over.
  ended expired(time_point now);

  /// Forgets what `client` waits for; returns its tickets, and how many got
  /// there.
  ended withdraw(std::uint64_t client);

  /// The nearest end of somebody's time.
  std::optional<time_point> next_deadline() const;

private:
  struct waiter {
    std::uint64_t client = 0;
    std::set<std::string, std::less<>> keys; ///< that have not got there yet
    state until{};
    std::size_t reached = 0;
    time_point deadline;
  };

  enum class fate { open, reached, lost };

  /// `judge`: the fate of that instance for each who waits for it.
  template <class Judge>
  ended settle(std::string_view key, Judge judge);
  void forget(ticket who);

  std::map<ticket, waiter> waiters_;
  std::map<std::string, std::set<ticket>, std::less<>> by_key_;
  std::multimap<time_point, ticket> deadlines_;
  std::size_t watched_ = 0;
};

} // namespace saker::supervision
