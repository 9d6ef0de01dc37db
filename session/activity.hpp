#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace saker::session {

/// When each client was active last, in one flat table: whoever looks for idle
/// ones reads 16 bytes of each, in a row, and disturbs none of them. One owner.
class activity {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using slot = std::size_t;

  struct view {
    std::vector<std::uint64_t> idle; ///< in no particular order
    std::optional<time_point> next;  ///< of the others: active longest ago
  };

  /// The slot is the client's until `remove`.
  slot add(std::uint64_t client, time_point now);
  void remove(slot which);

  void touch(slot which, time_point now) noexcept {
    rows_[which].last = now;
  }

  time_point last(slot which) const noexcept {
    return rows_[which].last;
  }

  /// Who was not active after `then`.
  view look(time_point then) const;

private:
  struct row {
    time_point last;
    std::uint64_t client;
  };

  std::vector<row> rows_;
  std::vector<slot> free_;
};

} // namespace saker::session
