#pragma once

#include "session/audit.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::session {

/// How much is told: in each second so much of one user, and so many refusals of
/// all together. A flood of one thus hides nothing that others do. What is too
/// much is counted.
class audit_limit {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What was counted.
  struct excess {
    std::string user; ///< empty: refusals, of whomever
    std::uint64_t count = 0;

    bool operator==(const excess&) const = default;
  };

  /// So many users are told apart; what others do counts together.
  static constexpr std::size_t most_users = 256;

  audit_limit(std::size_t per_second, std::size_t refused_per_second)
    : most_(per_second), most_refused_(refused_per_second) {
    // nop
  }

  /// False: it is counted instead.
  bool admit(audit_kind what, std::string_view user, time_point now);

  /// Something was counted that `take` has not given away.
  bool counts() const noexcept {
    return counts_;
  }

  /// What was counted since the last time, users in alphabetical order.
  std::vector<excess> take();

private:
  struct window {
    time_point begin{};
    std::size_t told = 0;
    std::uint64_t more = 0;
  };

  /// Logins and changes are counted apart: who logs in all the time hides
  /// nothing that he does.
  using key = std::pair<std::string, bool>;

  window& window_of(bool login, std::string_view user, time_point now);
  bool admit(window& by, std::size_t most, time_point now);

  std::size_t most_;
  std::size_t most_refused_;
  std::map<key, window> users_;
  window others_;
  window refusals_;
  bool counts_ = false;
};

} // namespace saker::session
