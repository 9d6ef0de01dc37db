#pragma once

#include "base/result.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// How many unexpected ends are borne: more than `count` in `window` are too
/// many. A `window` of zero means: any number.
struct budget_limit {
  std::uint32_t count = 5;
  duration window = std::chrono::seconds{30};

  bool operator==(const budget_limit&) const = default;

  bool unlimited() const noexcept {
    return window == duration::zero();
  }
};

/// `5/30s`; "none" when unlimited.
std::string to_string(const budget_limit& x);

/// Reads `5/30s`. The count is 0 to 1000, the window 1s to 30 days.
result<budget_limit> parse_budget(std::string_view text);

/// What happens when the budget is spent.
struct spent_rule {
  enum class action : std::uint8_t { rest, fatal, escalate };

  action what = action::rest;
  duration rest = std::chrono::minutes{5}; ///< then one try, half open

  bool operator==(const spent_rule&) const = default;
};

/// `rest 5m`, `fatal`, `escalate`.
std::string to_string(const spent_rule& x);

/// A sliding window over stamps of unexpected ends. Memory: one stamp per end
/// in the window, at most limit + 1.
class budget {
public:
  /// A stamp, or several that fell together, for the NOTE.
  struct mark {
    time_point at;
    std::uint16_t count = 0;

    bool operator==(const mark&) const = default;
  };

  explicit budget(budget_limit limit = {}) : limit_(limit) {
    // nop
  }

  /// Counts one end at `now`. True while the budget bears it.
  [[nodiscard]] bool charge(time_point now);

  /// How many ends lie in the window that ends at `now`.
  std::uint32_t used(time_point now) const;

  void clear() noexcept {
    stamps_.clear();
  }

  /// A new limit; the stamps stay.
  void limit(budget_limit x);

  const budget_limit& limit() const noexcept {
    return limit_;
  }

  /// The stamps in at most `most` marks, oldest first. Merged ones take the
  /// time of the newest, so that a restored budget is never the milder one.
  std::vector<mark> marks(std::size_t most, time_point now) const;

  /// The opposite of `marks`.
  void restore(const std::vector<mark>& marks);

private:
  void drop_old(time_point now);

  budget_limit limit_;
  std::deque<time_point> stamps_;
};

} // namespace saker::supervision
